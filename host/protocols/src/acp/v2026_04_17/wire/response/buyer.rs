//! The buyer of a response (schemas `Buyer`, `CompanyInfo`, `LoyaltyInfo` and `TaxExemption`).

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Buyer<'a> {
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) full_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authentication_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<Company<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) loyalty: Option<Loyalty<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_exemption: Option<TaxExemption<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Company<'a> {
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) department: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost_center: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Loyalty<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points_balance: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member_since: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TaxExemption<'a> {
    pub(crate) certificate_id: &'a str,
    pub(crate) certificate_type: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) exempt_regions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
}
