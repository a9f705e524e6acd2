//! The buyer of a session, as the agent sent it.

use super::wire;
use crate::rendering::rfc3339;
use tillhouse_checkout::contact::{Buyer, Company, Loyalty, TaxExemption};

/// The buyer. The schema requires an email address; a buyer without one is omitted.
pub(super) fn buyer(buyer: &Buyer) -> Option<wire::Buyer<'_>> {
    Some(wire::Buyer {
        email: buyer.email.as_deref()?,
        first_name: buyer.first_name.as_deref(),
        last_name: buyer.last_name.as_deref(),
        full_name: buyer.full_name.as_deref(),
        phone_number: buyer.phone.as_deref(),
        customer_id: buyer.customer_id.as_deref(),
        account_type: buyer.account.as_deref(),
        authentication_status: buyer.authentication.as_deref(),
        company: buyer.company.as_ref().map(company),
        loyalty: buyer.loyalty.as_ref().map(loyalty),
        tax_exemption: buyer.tax_exemption.as_ref().map(tax_exemption),
    })
}

fn company(company: &Company) -> wire::Company<'_> {
    wire::Company {
        name: &company.name,
        tax_id: company.tax_id.as_deref(),
        department: company.department.as_deref(),
        cost_center: company.cost_center.as_deref(),
    }
}

fn loyalty(loyalty: &Loyalty) -> wire::Loyalty<'_> {
    wire::Loyalty {
        tier: loyalty.tier.as_deref(),
        points_balance: loyalty.points,
        member_since: loyalty.member_since.as_deref(),
    }
}

fn tax_exemption(exemption: &TaxExemption) -> wire::TaxExemption<'_> {
    wire::TaxExemption {
        certificate_id: &exemption.certificate,
        certificate_type: &exemption.kind,
        exempt_regions: &exemption.regions,
        expires_at: exemption.expires.map(rfc3339),
    }
}
