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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_exemption_and_loyalty_of_the_buyer_are_passed_on_whole() {
        let passed = buyer(&Buyer {
            email: Some("jane@example.com".into()),
            account: Some("business".into()),
            authentication: Some("authenticated".into()),
            company: Some(Company {
                name: "Acme".into(),
                tax_id: Some("DE123".into()),
                department: Some("Tools".into()),
                cost_center: Some("CC-7".into()),
            }),
            tax_exemption: Some(TaxExemption {
                certificate: "EX-1".into(),
                kind: "resale".into(),
                regions: vec!["US-CA".into()],
                expires: Some(Timestamp(1_000)),
            }),
            loyalty: Some(Loyalty {
                tier: Some("gold".into()),
                points: Some(120),
                member_since: Some("2020".into()),
            }),
            ..Buyer::default()
        });
        assert!(passed.signed_in);
        let company = passed.company.unwrap();
        let of_company = (company.tax_id, company.department, company.cost_center);
        let expected = ["DE123", "Tools", "CC-7"].map(|text| Some(text.to_owned()));
        assert_eq!((company.name, of_company), ("Acme".to_owned(), expected.into()));
        let exemption = passed.tax_exemption.unwrap();
        assert_eq!(
            (exemption.certificate.as_str(), exemption.kind.as_str()),
            ("EX-1", "resale")
        );
        assert_eq!(
            (exemption.regions, exemption.expires),
            (vec!["US-CA".to_owned()], Some(1_000))
        );
        let loyalty = passed.loyalty.unwrap();
        assert_eq!((loyalty.tier.as_deref(), loyalty.points), (Some("gold"), Some(120)));
        assert_eq!(loyalty.member_since.as_deref(), Some("2020"));
    }
}
