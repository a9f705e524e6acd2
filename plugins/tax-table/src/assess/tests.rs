#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_plugin::{
    catalog::Item,
    tax::{TaxableFee, TaxableOption},
};

use super::*;

fn host() -> testing::Host {
    let coded = |id: &str, code: &str| Item {
        tax_code: Some(code.into()),
        ..testing::item(id, 1_000)
    };
    testing::Host::new()
        .item(testing::item("tee", 1_000))
        .item(coded("bread", "txcd_40060003"))
        .item(coded("novel", "txcd_35010000"))
        .column("novel", "tax_category", "Food ")
        .config("codes.txcd_40060003", "food")
        .config("codes.txcd_35010000", "books")
        .config("tax.US.CA.regions", "CA")
        .config("tax.US.CA.rate", "7.25")
        .config("tax.US.CA.rates.food", "0")
        .config("tax.US.CA.shipping", "false")
        .config("tax.US.CITY.jurisdiction", "US-CA-SF")
        .config("tax.US.CITY.regions", "CA")
        .config("tax.US.CITY.postal-codes", "94102..94188")
        .config("tax.US.CITY.rate", "1.375")
        .config("tax.US.CITY.fees", "packing")
        .config("tax.DE.VAT.jurisdiction", "DE")
        .config("tax.DE.VAT.rate", "19")
        .config("tax.DE.VAT.rates.food", "7")
}

fn request(items: &[(&str, i64)], country: &str, region: &str, postal_code: &str) -> Request {
    let line = |(index, (item, subtotal)): (usize, &(&str, i64))| LineAmount {
        line: format!("line_{}", index + 1),
        item: (*item).into(),
        quantity: 1,
        base: *subtotal,
        discount: 0,
        subtotal: *subtotal,
    };
    let option = TaxableOption {
        id: "standard".into(),
        price: 600,
    };
    let fee = |kind: &str| TaxableFee {
        id: kind.into(),
        kind: kind.into(),
        amount: 400,
    };
    Request {
        lines: items.iter().enumerate().map(line).collect(),
        order_discount: 0,
        options: vec![option],
        fees: vec![fee("gift_wrap"), fee("packing")],
        destination: Some(Address {
            postal_code: postal_code.into(),
            ..testing::address(country, region)
        }),
        buyer: None,
        extensions: vec![],
    }
}

fn buyer(account: &str, customer: &str) -> Buyer {
    Buyer {
        email: None,
        name: None,
        phone: None,
        customer_id: Some(customer.into()),
        account: Some(account.into()),
        signed_in: false,
        extensions: vec![],
    }
}

fn assess(request: Request) -> Assessment {
    TaxTable::assess(testing::context("USD"), request).unwrap()
}

fn amounts(assessed: &[Assessed]) -> Vec<(&str, i64)> {
    assessed.iter().map(|it| (it.id.as_str(), it.amount)).collect()
}

#[test]
fn taxes_of_state_and_city_add_up_to_what_is_rounded_once() {
    let _host = host().install();
    let answer = assess(request(&[("tee", 1_000)], "us", "ca", "94105-1234"));
    assert_eq!(amounts(&answer.lines), [("line_1", 86)], "8.625 % of 10.00 is 86.25");
    let parts: Vec<_> = answer.lines[0]
        .parts
        .iter()
        .map(|part| (part.jurisdiction.as_str(), part.amount))
        .collect();
    assert_eq!(parts, [("US-CA", 72), ("US-CA-SF", 14)]);
    let outside = assess(request(&[("tee", 1_000)], "US", "CA", "90001"));
    assert_eq!(amounts(&outside.lines), [("line_1", 73)], "72.5");
}

#[test]
fn each_tax_decides_on_shipping_and_fees() {
    let _host = host().install();
    let answer = assess(request(&[], "US", "CA", "94105"));
    assert_eq!(
        amounts(&answer.options),
        [("standard", 8)],
        "the city's 1.375 % of 6.00"
    );
    assert_eq!(
        amounts(&answer.fees),
        [("gift_wrap", 29), ("packing", 35)],
        "7.25 % and 8.625 % of 4.00"
    );
}

#[test]
fn a_category_comes_from_its_column_and_else_from_the_tax_code() {
    let _host = host().install();
    let answer = assess(request(
        &[("tee", 1_000), ("bread", 1_000), ("novel", 1_000)],
        "DE",
        "",
        "",
    ));
    assert_eq!(
        amounts(&answer.lines),
        [("line_1", 190), ("line_2", 70), ("line_3", 70)]
    );
}

#[test]
fn an_untaxed_category_has_no_entry_and_an_unknown_one_pays_the_general_rate() {
    let host = host().install();
    host.set_config("tax.US.CITY.regions", "NV");
    let answer = assess(request(&[("bread", 1_000), ("gone", 1_000)], "US", "CA", "94105"));
    assert_eq!(amounts(&answer.lines), [("line_2", 73)]);
    host.set_config("tax.US.CITY.regions", "CA");
    let answer = assess(request(&[("bread", 1_000)], "US", "CA", "94105"));
    assert_eq!(
        amounts(&answer.lines),
        [("line_1", 14)],
        "the city has no rate for food"
    );
}

#[test]
fn the_orders_discount_comes_off_the_lines_before_they_are_taxed() {
    let _host = host().install();
    let request = Request {
        order_discount: 1_000,
        ..request(&[("tee", 2_000), ("bread", 1_000)], "DE", "", "")
    };
    assert_eq!(
        amounts(&assess(request).lines),
        [("line_1", 253), ("line_2", 47)],
        "19 % of 1333, 7 % of 667"
    );
}

#[test]
fn rounding_follows_the_configuration() {
    let host = host().install();
    for (rounding, tax) in [("half-up", 73), ("half-even", 72), ("down", 72)] {
        host.set_config("rounding", rounding);
        let answer = assess(request(&[("tee", 1_000)], "US", "CA", "90001"));
        assert_eq!(amounts(&answer.lines), [("line_1", tax)], "72.5 {rounding}");
    }
}

#[test]
fn exempt_buyers_pay_nothing_or_not_that_tax() {
    let host = host().install();
    let of = |buyer: Buyer| Request {
        buyer: Some(buyer),
        ..request(&[("tee", 1_000)], "US", "CA", "94105")
    };
    let taxed = |buyer| amounts(&assess(of(buyer)).lines).first().map(|(_, tax)| *tax);
    assert_eq!(taxed(buyer("business", "cus_1")), Some(86));
    host.set_config("tax.US.CA.exempt-customers", "cus_1, cus_2");
    assert_eq!(taxed(buyer("business", "cus_1")), Some(14), "the city's alone");
    host.set_config("exempt.accounts", "business");
    assert_eq!(taxed(buyer("business", "cus_3")), None);
    assert_eq!(taxed(buyer("guest", "cus_3")), Some(86));
    host.set_config("exempt.customers", "cus_3");
    assert_eq!(taxed(buyer("guest", "cus_3")), None);
}

#[test]
fn there_is_no_tax_without_a_destination_or_outside_the_table() {
    let _host = host().install();
    let nowhere = Request {
        destination: None,
        ..request(&[("tee", 1_000)], "US", "CA", "94105")
    };
    assert_eq!(assess(nowhere), Assessment::default());
    for (country, region) in [("US", "OR"), ("JP", "")] {
        assert_eq!(
            assess(request(&[("tee", 1_000)], country, region, "")),
            Assessment::default(),
            "{country}"
        );
    }
}

#[test]
fn an_incomplete_address_blocks_payment() {
    let host = host().install();
    host.set_config("regions.US", "CA, NV, OR");
    for (country, region, postal_code, code, field) in [
        ("", "CA", "94105", "missing", "country"),
        ("US.CA", "CA", "94105", "invalid", "country"),
        ("US", " ", "94105", "missing", "state"),
        ("US", "California", "94105", "invalid", "state"),
        ("US", "CA", "", "missing", "postal_code"),
    ] {
        let answer = assess(request(&[("tee", 1_000)], country, region, postal_code));
        assert_eq!(answer.messages[0].code.as_deref(), Some(code), "{country} {region}");
        assert_eq!(answer.messages[0].about, Subject::address(field));
        assert_eq!(answer.messages[0].severity, Severity::Error);
        assert!(answer.lines.is_empty());
    }
}

#[test]
fn an_invalid_table_is_misconfigured_and_names_the_key() {
    let host = host().install();
    host.set_config("tax.DE.VAT.rate", "nineteen");
    let answer = TaxTable::assess(testing::context("USD"), request(&[("tee", 1_000)], "DE", "", ""));
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("tax.DE.VAT.rate")));
}

#[test]
fn more_taxes_than_the_contract_allows_are_rejected() {
    let host = host().install();
    for index in 0..PARTS {
        host.set_config(&format!("tax.DE.A{index}.rate"), "1");
    }
    let answer = TaxTable::assess(testing::context("USD"), request(&[("tee", 1_000)], "DE", "", ""));
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("51 taxes")));
}
