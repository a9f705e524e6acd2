//! The buyer of a request (schemas `Buyer`, `CompanyInfo`, `LoyaltyInfo` and `TaxExemption`).

use serde::Deserialize;

use crate::fields::{Count, DateTime, Email, Id};
use tillhouse_checkout::contact;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Buyer {
    pub(crate) email: Email,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) full_name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) account_type: Option<AccountType>,
    pub(crate) authentication_status: Option<AuthenticationStatus>,
    pub(crate) company: Option<Company>,
    pub(crate) loyalty: Option<Loyalty>,
    pub(crate) tax_exemption: Option<TaxExemption>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountType {
    Guest,
    Registered,
    Business,
}

impl AccountType {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Registered => "registered",
            Self::Business => "business",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthenticationStatus {
    Authenticated,
    Guest,
    RequiresSignin,
}

impl AuthenticationStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Authenticated => "authenticated",
            Self::Guest => "guest",
            Self::RequiresSignin => "requires_signin",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) tax_id: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) cost_center: Option<String>,
}

/// Loyalty membership. `member_since` is not checked to be a time: agents send dates as well.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Loyalty {
    pub(crate) tier: Option<String>,
    pub(crate) points_balance: Option<Count>,
    pub(crate) member_since: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct TaxExemption {
    pub(crate) certificate_id: Id,
    pub(crate) certificate_type: CertificateType,
    #[serde(default)]
    pub(crate) exempt_regions: Vec<String>,
    pub(crate) expires_at: Option<DateTime>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateType {
    Resale,
    ExemptOrganization,
    Government,
}

impl CertificateType {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Resale => "resale",
            Self::ExemptOrganization => "exempt_organization",
            Self::Government => "government",
        }
    }
}

impl From<Buyer> for contact::Buyer {
    fn from(buyer: Buyer) -> Self {
        Self {
            first_name: buyer.first_name,
            last_name: buyer.last_name,
            full_name: buyer.full_name,
            email: Some(buyer.email.0),
            phone: buyer.phone_number,
            customer_id: buyer.customer_id,
            account: buyer.account_type.map(|account| account.name().to_owned()),
            authentication: buyer.authentication_status.map(|status| status.name().to_owned()),
            company: buyer.company.map(Into::into),
            tax_exemption: buyer.tax_exemption.map(Into::into),
            loyalty: buyer.loyalty.map(Into::into),
        }
    }
}

impl From<Company> for contact::Company {
    fn from(company: Company) -> Self {
        Self {
            name: company.name,
            tax_id: company.tax_id,
            department: company.department,
            cost_center: company.cost_center,
        }
    }
}

impl From<TaxExemption> for contact::TaxExemption {
    fn from(exemption: TaxExemption) -> Self {
        Self {
            certificate: exemption.certificate_id.0,
            kind: exemption.certificate_type.name().to_owned(),
            regions: exemption.exempt_regions,
            expires: exemption.expires_at.map(|at| at.0),
        }
    }
}

impl From<Loyalty> for contact::Loyalty {
    fn from(loyalty: Loyalty) -> Self {
        Self {
            tier: loyalty.tier,
            points: loyalty.points_balance.map(|points| points.0),
            member_since: loyalty.member_since,
        }
    }
}
