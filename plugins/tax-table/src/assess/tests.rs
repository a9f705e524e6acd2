#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_plugin::{
    catalog::Item,
    tax::{Destination, TaxableFee, TaxableOption},
};

use super::{
    computed::{Computed, ComputedTaxes, computed},
    *,
};

mod buyers;

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
    let line = |(index, (item, price)): (usize, &(&str, i64))| {
        testing::line_amount(&format!("line_{}", index + 1), item, 1, *price)
    };
    let fee = |kind: &str| TaxableFee {
        id: kind.into(),
        kind: kind.into(),
        amount: 400,
        tax_included: false,
    };
    let address = Address {
        postal_code: postal_code.into(),
        ..testing::address(country, region)
    };
    Request {
        lines: items.iter().enumerate().map(line).collect(),
        options: vec![option("standard", None)],
        fees: vec![fee("gift_wrap"), fee("packing")],
        destinations: vec![address.into()],
        ..Request::default()
    }
}

fn option(id: &str, group: Option<&str>) -> TaxableOption {
    TaxableOption {
        id: id.into(),
        price: 600,
        tax_included: false,
        group: group.map(Into::into),
    }
}

/// A request for lines alone.
fn of_lines(items: &[(&str, i64)], country: &str) -> Request {
    Request {
        options: Vec::new(),
        fees: Vec::new(),
        ..request(items, country, "", "")
    }
}

fn assess(request: &Request) -> Assessment {
    TaxTable::assess(testing::context("USD"), request.clone()).unwrap()
}

fn taxes(request: &Request) -> ComputedTaxes {
    computed(request, &assess(request))
}

fn amounts(computed: &[Computed]) -> Vec<(&str, i64)> {
    computed.iter().map(|it| (it.id.as_str(), it.amount)).collect()
}

/// Sum of the taxes on the lines.
fn on_lines(request: &Request) -> i64 {
    taxes(request).lines.iter().map(|line| line.amount).sum()
}

/// Nothing is taxed, and there is one error, with this code and about this field of the address.
fn assert_blocked(request: &Request, code: &str, field: &str) {
    let answer = assess(request);
    let [message] = answer.messages.as_slice() else {
        unreachable!("{answer:?}")
    };
    assert_eq!(message.code.as_deref(), Some(code), "{message:?}");
    assert_eq!(
        (&message.about, message.severity),
        (&Subject::address(field), Severity::Error)
    );
    assert!(computed(request, &answer).lines.is_empty());
}

#[test]
fn taxes_of_state_and_city_add_up_to_what_is_rounded_once() {
    let _host = host().install();
    let answer = taxes(&request(&[("tee", 1_000)], "us", "ca", "94105-1234"));
    assert_eq!(amounts(&answer.lines), [("line_1", 86)], "8.625 % of 10.00 is 86.25");
    let parts = [("US-CA".to_owned(), 72), ("US-CA-SF".to_owned(), 14)];
    assert_eq!(answer.lines[0].parts, parts);
    let outside = taxes(&request(&[("tee", 1_000)], "US", "CA", "90001"));
    assert_eq!(amounts(&outside.lines), [("line_1", 73)], "72.5");
}

#[test]
fn each_tax_decides_on_shipping_and_fees() {
    let _host = host().install();
    let answer = taxes(&request(&[], "US", "CA", "94105"));
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
    let answer = taxes(&of_lines(&[("tee", 1_000), ("bread", 1_000), ("novel", 1_000)], "DE"));
    assert_eq!(
        amounts(&answer.lines),
        [("line_1", 190), ("line_2", 70), ("line_3", 70)]
    );
}

#[test]
fn an_untaxed_category_has_no_entry_and_an_unknown_one_pays_the_general_rate() {
    let host = host().install();
    host.set_config("tax.US.CITY.regions", "NV");
    let answer = taxes(&request(&[("bread", 1_000), ("gone", 1_000)], "US", "CA", "94105"));
    assert_eq!(amounts(&answer.lines), [("line_2", 73)]);
    host.set_config("tax.US.CITY.regions", "CA");
    let answer = taxes(&request(&[("bread", 1_000)], "US", "CA", "94105"));
    assert_eq!(
        amounts(&answer.lines),
        [("line_1", 14)],
        "the city has no rate for food"
    );
}

#[test]
fn rounding_follows_the_configuration() {
    let host = host().install();
    for (rounding, tax) in [("half-up", 73), ("half-even", 72), ("down", 72), ("up", 73)] {
        host.set_config("rounding", rounding);
        assert_eq!(
            on_lines(&request(&[("tee", 1_000)], "US", "CA", "90001")),
            tax,
            "72.5 {rounding}"
        );
    }
}

#[test]
fn once_for_each_rate_as_japan_demands_the_tax_does_not_depend_on_the_lines() {
    let host = host()
        .config("tax.JP.CT.jurisdiction", "JP")
        .config("tax.JP.CT.rate", "10")
        .config("tax.JP.CT.rates.food", "8")
        .config("rounding", "down");
    let host = host.install();
    let (food, other) = (("bread", 105), ("tee", 105));
    let three = of_lines(&[food; 3], "JP");
    let one_of_three = Request {
        lines: vec![testing::line_amount("line_1", "bread", 3, 105)],
        ..Request::clone(&three)
    };
    let ten = of_lines(&[[food; 5], [other; 5]].concat(), "JP");
    let taxes = || [&three, &one_of_three, &ten].map(on_lines);
    assert_eq!(taxes(), [24, 25, 90], "line by line");
    host.set_config("rounding-scope", "rate");
    assert_eq!(taxes(), [25, 25, 42 + 52]);
    host.set_config("rounding-scope", "cart");
    assert_eq!(taxes(), [25, 25, 94], "42 and 52.5 together");
}

#[test]
fn a_price_that_includes_tax_stays_what_was_shown() {
    let _host = host().install();
    let gross = LineAmount {
        tax_included: true,
        ..testing::line_amount("line_1", "tee", 3, 999)
    };
    let request = Request {
        lines: vec![gross],
        ..of_lines(&[], "DE")
    };
    assert_eq!(on_lines(&request), 479, "19 / 119 of 29.97: 25.18 and 4.79");
}

#[test]
fn each_group_is_taxed_where_it_goes() {
    let _host = host().install();
    let to = |group: &str, country: &str, region: &str| Destination {
        group: Some(group.into()),
        address: testing::address(country, region),
    };
    let in_group = |line: &str, group: &str| LineAmount {
        group: Some(group.into()),
        ..testing::line_amount(line, "bread", 1, 1_000)
    };
    let request = Request {
        lines: vec![in_group("line_1", "home"), in_group("line_2", "office")],
        options: vec![
            option("home/standard", Some("home")),
            option("office/standard", Some("office")),
        ],
        destinations: vec![to("home", "DE", ""), to("office", "US", "CA")],
        ..request(&[], "", "", "")
    };
    let answer = taxes(&request);
    assert_eq!(
        amounts(&answer.lines),
        [("line_1", 70)],
        "food is free of tax in California"
    );
    assert_eq!(amounts(&answer.options), [("home/standard", 114)]);
    assert_eq!(
        amounts(&answer.fees),
        [("gift_wrap", 76), ("packing", 76)],
        "as the first group"
    );
    let half_known = Request {
        destinations: vec![to("home", "DE", ""), to("office", "US", "")],
        ..request
    };
    let answer = assess(&half_known);
    assert_eq!(answer.messages[0].about, Subject::address("state"));
    assert_eq!(computed(&half_known, &answer).lines.len(), 1);
}

#[test]
fn there_is_no_tax_before_an_address_is_known_or_outside_the_table() {
    let _host = host().install();
    let without_address = Request {
        destinations: Vec::new(),
        billing: Some(testing::address("DE", "")),
        ..of_lines(&[("tee", 1_000)], "")
    };
    assert_eq!(on_lines(&without_address), 0, "the address of the parcel decides");
    assert_eq!(assess(&without_address).messages, []);
    for (country, region) in [("US", "OR"), ("JP", "")] {
        let outside = request(&[("tee", 1_000)], country, region, "");
        let answer = assess(&outside);
        let taxes = computed(&outside, &answer);
        assert!(
            taxes.lines.is_empty() && taxes.options.is_empty() && taxes.fees.is_empty(),
            "{country}"
        );
        assert_eq!(answer.messages, [], "{country}");
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
        assert_blocked(&request(&[("tee", 1_000)], country, region, postal_code), code, field);
    }
}

#[test]
fn an_invalid_table_is_misconfigured_and_names_the_key() {
    let host = host().install();
    host.set_config("tax.DE.VAT.rate", "nineteen");
    let answer = TaxTable::assess(testing::context("USD"), of_lines(&[("tee", 1_000)], "DE"));
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("tax.DE.VAT.rate")));
}

#[test]
fn more_taxes_than_the_contract_allows_are_rejected() {
    let host = host().install();
    for index in 0..50 {
        host.set_config(&format!("tax.DE.A{index}.rate"), "1");
    }
    let answer = TaxTable::assess(testing::context("USD"), of_lines(&[("tee", 1_000)], "DE"));
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("51 taxes")));
}

#[test]
fn taxes_of_more_than_all_of_the_price_are_rejected() {
    let host = host().install();
    host.set_config("tax.DE.LUXURY.rate", "90");
    let answer = TaxTable::assess(testing::context("USD"), of_lines(&[("tee", 1_000)], "DE"));
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("DE-LUXURY")));
    assert_eq!(on_lines(&of_lines(&[("bread", 1_000)], "DE")), 70 + 900, "97 %");
}
