//! Exemptions of buyers: by account type, customer id, or certificate.

use tillhouse_plugin::{config::Invalid, prelude::*, types::TaxExemption};

use crate::destination::Destination;

/// Account types that the contract defines.
const ACCOUNTS: [&str; 3] = ["guest", "registered", "business"];

/// Buyers that are exempt from all taxes (table `exempt`) or from one tax.
#[derive(Debug, Default)]
pub(crate) struct Exempt {
    accounts: Vec<String>,
    customers: Vec<String>,
    /// Kinds of certificates that are honored.
    certificates: Vec<String>,
}

/// The buyer, at the time of the call.
#[derive(Debug)]
pub(crate) struct Party<'a> {
    pub(crate) buyer: Option<&'a Buyer>,
    pub(crate) now: u64,
}

impl Exempt {
    /// Reads the exemptions from all taxes.
    pub(crate) fn everywhere() -> Result<Self, Invalid> {
        let mut exempt = Self {
            customers: config::list("exempt.customers"),
            certificates: config::list("exempt.certificates"),
            ..Self::default()
        };
        if let Some(text) = config::get("exempt.accounts") {
            exempt.accounts("exempt.accounts", &text)?;
        }
        Ok(exempt)
    }

    /// Parses a list of account types.
    pub(crate) fn accounts(&mut self, key: &str, text: &str) -> Result<(), Invalid> {
        self.accounts = list(text);
        match self
            .accounts
            .iter()
            .find(|account| !ACCOUNTS.contains(&account.as_str()))
        {
            Some(wrong) => Err(Invalid::new(
                key,
                format!(
                    "unknown account type `{wrong}`; expected one of: {}",
                    ACCOUNTS.join(", ")
                ),
            )),
            None => Ok(()),
        }
    }

    /// Parses a list of customer ids.
    pub(crate) fn customers(&mut self, text: &str) {
        self.customers = list(text);
    }

    /// Parses a list of kinds of certificates.
    pub(crate) fn certificates(&mut self, text: &str) {
        self.certificates = list(text);
    }

    /// Why this buyer is exempt at a destination, in one word; without a destination, why wherever the goods go. `None` if the
    /// buyer is not exempt.
    pub(crate) fn reason<'a>(&self, party: &Party<'a>, destination: Option<&Destination>) -> Option<&'a str> {
        let buyer = party.buyer?;
        let account = buyer.account.as_ref().filter(|account| self.accounts.contains(account));
        let customer = buyer.customer_id.as_ref().filter(|id| self.customers.contains(id));
        let certificate = buyer.tax_exemption.as_ref().filter(|certificate| {
            self.certificates.contains(&certificate.kind) && is_valid(certificate, party.now, destination)
        });
        let certificate = certificate.map(|certificate| certificate.kind.as_str());
        certificate
            .or(account.map(String::as_str))
            .or(customer.map(|_| "customer"))
    }
}

/// Whether a certificate has not expired, and is valid in the region: `US` or `US-CA`.
fn is_valid(certificate: &TaxExemption, now: u64, destination: Option<&Destination>) -> bool {
    let current = certificate.expires.is_none_or(|expires| now < expires);
    let here = destination.is_some_and(|destination| {
        let region = format!("{}-{}", destination.country, destination.region);
        let is_here = |named: &String| {
            [&destination.country, &region]
                .iter()
                .any(|it| named.eq_ignore_ascii_case(it))
        };
        certificate.regions.iter().any(is_here)
    });
    current && (certificate.regions.is_empty() || here)
}

fn list(text: &str) -> Vec<String> {
    config::split(text).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const NOW: u64 = 1_000;

    fn is_exempt(kinds: &str, certificate: TaxExemption, place: Option<(&str, &str)>) -> bool {
        let mut exempt = Exempt::default();
        exempt.certificates(kinds);
        let buyer = Buyer {
            tax_exemption: Some(certificate),
            ..Buyer::default()
        };
        let party = Party {
            buyer: Some(&buyer),
            now: NOW,
        };
        let destination = place.map(|(country, region)| Destination::of(&testing::address(country, region)));
        exempt.reason(&party, destination.as_ref()).is_some()
    }

    fn certificate(kind: &str, regions: &[&str], expires: Option<u64>) -> TaxExemption {
        TaxExemption {
            kind: kind.into(),
            regions: regions.iter().map(|region| (*region).into()).collect(),
            expires,
            ..TaxExemption::default()
        }
    }

    #[test]
    fn the_reason_is_the_certificate_or_else_the_account_or_the_customer() {
        let mut exempt = Exempt::default();
        exempt.accounts("exempt.accounts", "business").unwrap();
        exempt.customers("cus_1");
        exempt.certificates("resale");
        let mut buyer = Buyer {
            account: Some("business".into()),
            customer_id: Some("cus_1".into()),
            tax_exemption: Some(certificate("resale", &[], None)),
            ..Buyer::default()
        };
        let reason = |buyer: &Buyer| {
            let party = Party {
                buyer: Some(buyer),
                now: NOW,
            };
            exempt.reason(&party, None).map(str::to_owned)
        };
        assert_eq!(reason(&buyer).as_deref(), Some("resale"));
        buyer.tax_exemption = None;
        assert_eq!(reason(&buyer).as_deref(), Some("business"));
        buyer.account = None;
        assert_eq!(reason(&buyer).as_deref(), Some("customer"));
        buyer.customer_id = None;
        assert_eq!(reason(&buyer), None);
    }

    #[test]
    fn only_kinds_of_the_configuration_are_honored() {
        let california = Some(("US", "CA"));
        assert!(is_exempt(
            "resale, government",
            certificate("government", &[], None),
            california
        ));
        assert!(!is_exempt("resale", certificate("government", &[], None), california));
        assert!(!is_exempt("", certificate("resale", &[], None), california));
    }

    #[test]
    fn a_certificate_is_valid_until_it_expires() {
        let valid = |expires| is_exempt("resale", certificate("resale", &[], Some(expires)), None);
        assert!(valid(NOW + 1));
        assert!(!valid(NOW));
    }

    #[test]
    fn a_certificate_that_names_regions_is_valid_there_only() {
        let valid = |regions: &[&str], place| is_exempt("resale", certificate("resale", regions, None), place);
        assert!(valid(&["US-NV", "us-ca"], Some(("us", "ca"))));
        assert!(valid(&["US"], Some(("US", "CA"))));
        assert!(!valid(&["US-NV", "DE"], Some(("US", "CA"))));
        assert!(!valid(&["US-CA"], None), "where the goods go is not known");
        assert!(valid(&[], None));
    }
}
