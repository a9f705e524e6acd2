//! The buyer of a request.

use super::super::wire::request as wire;
use tillhouse_checkout::contact::{Buyer, Company, Loyalty, TaxExemption};

pub(super) fn buyer(buyer: wire::Buyer) -> Buyer {
    Buyer {
        first_name: buyer.first_name,
        last_name: buyer.last_name,
        full_name: buyer.full_name,
        email: Some(buyer.email.0),
        phone: buyer.phone_number,
        customer_id: buyer.customer_id,
        account: buyer.account_type.map(|account| account.name().to_owned()),
        authentication: buyer.authentication_status.map(|status| status.name().to_owned()),
        company: buyer.company.map(company),
        tax_exemption: buyer.tax_exemption.map(tax_exemption),
        loyalty: buyer.loyalty.map(loyalty),
    }
}

fn company(company: wire::Company) -> Company {
    Company {
        name: company.name,
        tax_id: company.tax_id,
        department: company.department,
        cost_center: company.cost_center,
    }
}

fn tax_exemption(exemption: wire::TaxExemption) -> TaxExemption {
    TaxExemption {
        certificate: exemption.certificate_id.0,
        kind: exemption.certificate_type.name().to_owned(),
        regions: exemption.exempt_regions,
        expires: exemption.expires_at.map(|at| at.0),
    }
}

fn loyalty(loyalty: wire::Loyalty) -> Loyalty {
    Loyalty {
        tier: loyalty.tier,
        points: loyalty.points_balance.map(|points| points.0),
        member_since: loyalty.member_since,
    }
}
