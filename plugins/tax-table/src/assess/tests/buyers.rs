//! What depends on the buyer: exemptions, and where downloads are taxed.

use tillhouse_plugin::{tax::Taxes, types::TaxExemption};

use super::*;

fn buyer(account: &str, customer: &str) -> Buyer {
    Buyer {
        customer_id: Some(customer.into()),
        account: Some(account.into()),
        ..Buyer::default()
    }
}

/// Why the lines are exempt, of those that would be taxed.
fn reasons(request: &Request) -> Vec<Option<String>> {
    let Taxes::Rates(rated) = assess(request).taxes else {
        unreachable!("the table answers rates")
    };
    rated.lines.into_iter().map(|line| line.exempt).collect()
}

#[test]
fn downloads_are_taxed_where_the_buyer_is() {
    let host = host().install();
    let billed = |country: &str| Request {
        destinations: Vec::new(),
        billing: Some(testing::address(country, "")),
        ..request(&[("tee", 1_000)], "", "", "")
    };
    assert_eq!(on_lines(&billed("DE")), 190);
    assert_eq!(on_lines(&billed("JP")), 0);
    assert_blocked(&billed(" "), "missing", "country");
    let without_billing = Request {
        billing: None,
        ..billed("")
    };
    assert_blocked(&without_billing, "missing", "country");
    host.set_config("exempt.customers", "cus_1");
    let exempt = Request {
        buyer: Some(buyer("guest", "cus_1")),
        ..without_billing
    };
    assert_eq!(assess(&exempt).messages, []);
    assert_eq!(reasons(&exempt), [Some("customer".to_owned())]);
}

#[test]
fn exempt_buyers_pay_nothing_or_not_that_tax() {
    let host = host().install();
    let of = |buyer: Buyer| Request {
        buyer: Some(buyer),
        ..request(&[("tee", 1_000)], "US", "CA", "94105")
    };
    let taxed = |buyer| on_lines(&of(buyer));
    assert_eq!(taxed(buyer("business", "cus_1")), 86);
    host.set_config("tax.US.CA.exempt-customers", "cus_1, cus_2");
    assert_eq!(taxed(buyer("business", "cus_1")), 14, "the city's alone");
    host.set_config("exempt.accounts", "business");
    assert_eq!(taxed(buyer("business", "cus_3")), 0);
    assert_eq!(taxed(buyer("guest", "cus_3")), 86);
    host.set_config("exempt.customers", "cus_3");
    assert_eq!(taxed(buyer("guest", "cus_3")), 0);
}

#[test]
fn a_certificate_exempts_where_it_is_valid_and_only_if_configured() {
    let host = host().install();
    let certified = |regions: &[&str]| Request {
        buyer: Some(Buyer {
            tax_exemption: Some(TaxExemption {
                kind: "resale".into(),
                regions: regions.iter().map(|region| (*region).into()).collect(),
                ..TaxExemption::default()
            }),
            ..Buyer::default()
        }),
        ..request(&[("tee", 1_000)], "US", "CA", "94105")
    };
    assert_eq!(on_lines(&certified(&["US-CA"])), 86);
    host.set_config("tax.US.CA.exempt-certificates", "resale");
    assert_eq!(on_lines(&certified(&["US-CA"])), 14, "the city's alone");
    assert_eq!(reasons(&certified(&["US-CA"])), [None], "not from all taxes");
    host.set_config("exempt.certificates", "resale, government");
    assert_eq!(on_lines(&certified(&["US-CA"])), 0);
    assert_eq!(reasons(&certified(&["US-CA"])), [Some("resale".to_owned())]);
    assert_eq!(on_lines(&certified(&["US-NV"])), 86);
}

#[test]
fn what_is_free_of_tax_anyway_is_not_exempt() {
    let host = host().install();
    host.set_config("exempt.customers", "cus_1");
    host.set_config("tax.US.CITY.regions", "NV");
    let of = |address: Address| Request {
        buyer: Some(Buyer {
            tax_exemption: Some(TaxExemption {
                kind: "resale".into(),
                regions: vec!["US-CA".into()],
                ..TaxExemption::default()
            }),
            ..Buyer::default()
        }),
        destinations: vec![address.into()],
        ..request(&[("bread", 1_000), ("tee", 1_000)], "", "", "")
    };
    host.set_config("exempt.certificates", "resale");
    assert_eq!(
        reasons(&of(testing::address("US", "CA"))),
        [Some("resale".to_owned())],
        "the tee alone"
    );
    assert_eq!(reasons(&of(testing::address("US", "OR"))), []);
}
