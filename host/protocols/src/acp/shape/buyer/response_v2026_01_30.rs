//! The buyer (schemas `Buyer`, `CompanyInfo`, `LoyaltyInfo` and `TaxExemption`), as the agent sent it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::rendering::rfc3339;
use tillhouse_checkout::contact;

#[derive(Debug, Serialize)]
pub(crate) struct Buyer<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loyalty: Option<LoyaltyInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exemption: Option<TaxExemption<'a>>,
}

#[derive(Debug, Serialize)]
struct CompanyInfo<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_center: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct LoyaltyInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points_balance: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_since: Option<String>,
}

#[derive(Debug, Serialize)]
struct TaxExemption<'a> {
    certificate_id: &'a str,
    certificate_type: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exempt_regions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl<'a> Buyer<'a> {
    /// The buyer. The schema requires an email address: `None` for a buyer without one.
    pub(crate) fn new(buyer: &'a contact::Buyer) -> Option<Self> {
        Some(Self {
            email: buyer.email.as_deref()?,
            first_name: buyer.first_name.as_deref(),
            last_name: buyer.last_name.as_deref(),
            full_name: buyer.full_name.as_deref(),
            phone_number: buyer.phone.as_deref(),
            customer_id: buyer.customer_id.as_deref(),
            account_type: buyer.account.as_deref(),
            authentication_status: buyer.authentication.as_deref(),
            company: buyer.company.as_ref().map(CompanyInfo::from),
            loyalty: buyer.loyalty.as_ref().map(LoyaltyInfo::from),
            tax_exemption: buyer.tax_exemption.as_ref().map(TaxExemption::from),
        })
    }
}

impl<'a> From<&'a contact::Company> for CompanyInfo<'a> {
    fn from(company: &'a contact::Company) -> Self {
        Self {
            name: &company.name,
            tax_id: company.tax_id.as_deref(),
            department: company.department.as_deref(),
            cost_center: company.cost_center.as_deref(),
        }
    }
}

impl<'a> From<&'a contact::Loyalty> for LoyaltyInfo<'a> {
    fn from(loyalty: &'a contact::Loyalty) -> Self {
        Self {
            tier: loyalty.tier.as_deref(),
            points_balance: loyalty.points,
            member_since: loyalty.member_since.as_deref().and_then(date_time),
        }
    }
}

/// A time, or the beginning of a day in UTC: the schema requires a time, and agents send days as well. `None` for any other text.
fn date_time(text: &str) -> Option<String> {
    let time = text.parse::<Timestamp>().map(|time| time.to_string());
    let day = || text.parse::<Date>().map(|day| format!("{day}T00:00:00Z"));
    time.or_else(|_| day()).ok()
}

impl<'a> From<&'a contact::TaxExemption> for TaxExemption<'a> {
    fn from(exemption: &'a contact::TaxExemption) -> Self {
        Self {
            certificate_id: &exemption.certificate,
            certificate_type: &exemption.kind,
            exempt_regions: &exemption.regions,
            expires_at: exemption.expires.map(rfc3339),
        }
    }
}
