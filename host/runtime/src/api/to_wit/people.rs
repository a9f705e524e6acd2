//! Buyer, recipient and addresses.

use super::wit;
use tillhouse_checkout::contact::{Address, Buyer, Company, Loyalty, Recipient, TaxExemption};
use tillhouse_checkout::time::Timestamp;

pub(super) fn buyer(buyer: &Buyer) -> wit::Buyer {
    wit::Buyer {
        email: buyer.email.clone(),
        name: buyer.name(),
        first_name: buyer.first_name.clone(),
        last_name: buyer.last_name.clone(),
        phone: buyer.phone.clone(),
        customer_id: buyer.customer_id.clone(),
        account: buyer.account.clone(),
        signed_in: buyer.authentication.as_deref() == Some("authenticated"),
        company: buyer.company.as_ref().map(company),
        tax_exemption: buyer.tax_exemption.as_ref().map(tax_exemption),
        loyalty: buyer.loyalty.as_ref().map(loyalty),
        extensions: Vec::new(),
    }
}

fn company(company: &Company) -> wit::Company {
    let Company {
        name,
        tax_id,
        department,
        cost_center,
    } = company.clone();
    wit::Company {
        name,
        tax_id,
        department,
        cost_center,
    }
}

fn tax_exemption(exemption: &TaxExemption) -> wit::TaxExemption {
    wit::TaxExemption {
        certificate: exemption.certificate.clone(),
        kind: exemption.kind.clone(),
        regions: exemption.regions.clone(),
        expires: exemption.expires.map(Timestamp::millis),
    }
}

fn loyalty(loyalty: &Loyalty) -> wit::Loyalty {
    wit::Loyalty {
        tier: loyalty.tier.clone(),
        points: loyalty.points,
        member_since: loyalty.member_since.clone(),
    }
}

pub(super) fn recipient(recipient: &Recipient) -> wit::Recipient {
    wit::Recipient {
        name: recipient.name.clone(),
        phone: recipient.phone.clone(),
        email: recipient.email.clone(),
    }
}

pub(super) fn address(address: &Address) -> wit::Address {
    let Address {
        name,
        company,
        line_one,
        line_two,
        city,
        region,
        country,
        postal_code,
        country_alias: _,
    } = address.clone();
    wit::Address {
        name,
        company,
        line_one,
        line_two,
        city,
        region,
        country,
        postal_code,
    }
}
