#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_plugin::tax::{Destination, TaxableFee, TaxableOption, Taxes};

use super::*;

fn host() -> testing::Host {
    testing::Host::new()
        .config("tax.us.CA", "7.25")
        .config("tax.us.TX", "6.25")
        .config("tax.eu.DE", "19")
        .config("tax.shipping.us", "TX")
        .config("tax.shipping.eu", "*")
}

/// A line, an option and a fee that go to a place.
fn request(place: Option<(&str, &str)>) -> Request {
    Request {
        lines: vec![testing::line_amount("line_1", "tee", 1, 1_000)],
        options: vec![option("standard", None)],
        fees: vec![TaxableFee {
            id: "gift_wrap".into(),
            kind: "gift_wrap".into(),
            amount: 300,
            tax_included: false,
        }],
        destinations: place
            .map(|(country, region)| testing::address(country, region).into())
            .into_iter()
            .collect(),
        ..Request::default()
    }
}

fn option(id: &str, group: Option<&str>) -> TaxableOption {
    TaxableOption {
        id: id.into(),
        price: 599,
        tax_included: false,
        group: group.map(Into::into),
    }
}

fn assess(request: Request) -> (RatedTaxes, Vec<Message>) {
    let answer = <Shop as Tax>::assess(testing::context("USD"), request).unwrap();
    let Taxes::Rates(taxes) = answer.taxes else {
        unreachable!("{answer:?}")
    };
    (taxes, answer.messages)
}

fn rates(rated: &[Rated]) -> Vec<(&str, &str, u32)> {
    let all = rated
        .iter()
        .flat_map(|it| it.rates.iter().map(|rate| (it.id.as_str(), rate)));
    all.map(|(id, rate)| (id, rate.jurisdiction.as_str(), rate.rate))
        .collect()
}

/// Nothing is taxed, and the messages are these, by code and field.
fn assert_untaxed(request: Request, messages: &[(&str, &str)]) {
    let (taxes, given) = assess(request);
    assert!(taxes.lines.is_empty() && taxes.options.is_empty() && taxes.fees.is_empty());
    let given: Vec<_> = given
        .iter()
        .map(|message| (message.code.as_deref().unwrap(), message.about.id.as_deref().unwrap()))
        .collect();
    assert_eq!(given, messages);
}

#[test]
fn lines_have_the_rate_of_where_they_go() {
    let _host = host().install();
    let (taxes, _) = assess(request(Some(("US", "CA"))));
    assert_eq!(rates(&taxes.lines), [("line_1", "US-CA", 72_500)]);
    let (taxes, _) = assess(request(Some(("de", ""))));
    assert_eq!(rates(&taxes.lines), [("line_1", "DE", 190_000)]);
}

#[test]
fn a_state_decides_whether_shipping_is_taxed() {
    let _host = host().install();
    let taxed = |place| !assess(request(Some(place))).0.options.is_empty();
    assert!(!taxed(("US", "CA")));
    assert!(taxed(("US", "tx")));
    assert!(taxed(("DE", "")));
}

#[test]
fn fees_are_taxed_unless_configured_otherwise() {
    let host = host().install();
    let (taxes, _) = assess(request(Some(("DE", ""))));
    assert_eq!(rates(&taxes.fees), [("gift_wrap", "DE", 190_000)]);
    host.set_config("tax.fees", "false");
    assert!(assess(request(Some(("DE", "")))).0.fees.is_empty());
}

#[test]
fn rounding_is_half_up_line_by_line_unless_configured_otherwise() {
    let host = host().install();
    let rule = || assess(request(Some(("DE", "")))).0.rounding;
    assert_eq!(rule(), RoundingRule::per_line(Rounding::HalfUp));
    host.set_config("tax.rounding", "down");
    host.set_config("tax.rounding-scope", "rate");
    assert_eq!(rule(), RoundingRule::per_rate(Rounding::Down));
    host.set_config("tax.rounding-scope", "cart");
    assert_eq!(rule(), RoundingRule::per_cart(Rounding::Down));
}

#[test]
fn there_is_no_tax_outside_the_tables() {
    let _host = host().install();
    for place in [("US", "OR"), ("JP", "")] {
        assert_untaxed(request(Some(place)), &[]);
    }
}

#[test]
fn a_parcel_without_an_address_is_taxed_later() {
    let _host = host().install();
    let nothing_on_offer = Request {
        options: Vec::new(),
        billing: Some(testing::address("DE", "")),
        ..request(None)
    };
    assert_untaxed(nothing_on_offer, &[]);
}

#[test]
fn downloads_without_an_address_need_the_country_of_the_buyer() {
    let host = host().install();
    assert_untaxed(request(None), &[("missing", "country")]);
    assert_untaxed(request(Some((" ", ""))), &[("missing", "country")]);
    let billed = |country: &str, region: &str| Request {
        billing: Some(testing::address(country, region)),
        ..request(None)
    };
    assert_untaxed(billed("", ""), &[("missing", "country")]);
    assert_untaxed(billed("US", ""), &[("missing", "state")]);
    let (taxes, messages) = assess(billed("DE", ""));
    assert_eq!(
        (rates(&taxes.lines), messages),
        (vec![("line_1", "DE", 190_000)], vec![])
    );
    for key in ["tax.us.CA", "tax.us.TX", "tax.eu.DE"] {
        host.set_config(key, "0");
    }
    assert_untaxed(billed("DE", ""), &[]);
}

#[test]
fn a_shop_without_taxes_asks_for_no_country() {
    let _host = testing::Host::new().config("tax.fees", "true").install();
    assert_untaxed(request(None), &[]);
}

#[test]
fn a_destination_comes_before_the_billing_address() {
    let _host = host().install();
    let request = Request {
        billing: Some(testing::address("DE", "")),
        ..request(Some(("US", "CA")))
    };
    assert_eq!(rates(&assess(request).0.lines), [("line_1", "US-CA", 72_500)]);
}

#[test]
fn each_group_is_taxed_where_it_goes() {
    let _host = host().install();
    let to = |group: &str, country: &str, region: &str| Destination {
        group: Some(group.into()),
        address: testing::address(country, region),
    };
    let line = |id: &str, group: &str| LineAmount {
        group: Some(group.into()),
        ..testing::line_amount(id, "tee", 1, 1_000)
    };
    let request = Request {
        lines: vec![line("line_1", "home"), line("line_2", "office"), line("line_3", "gift")],
        options: vec![
            option("home/standard", Some("home")),
            option("office/standard", Some("office")),
        ],
        destinations: vec![
            to("home", "DE", ""),
            to("office", "US", "TX"),
            to("gift", "US", "Tejas"),
        ],
        ..request(None)
    };
    let (taxes, messages) = assess(request);
    assert_eq!(
        rates(&taxes.lines),
        [("line_1", "DE", 190_000), ("line_2", "US-TX", 62_500)]
    );
    assert_eq!(
        rates(&taxes.options),
        [("home/standard", "DE", 190_000), ("office/standard", "US-TX", 62_500)]
    );
    assert_eq!(rates(&taxes.fees), [("gift_wrap", "DE", 190_000)], "as the first group");
    assert_eq!(messages[0].about, Subject::address("state"));
}

#[test]
fn an_invalid_state_blocks_payment() {
    let _host = host().install();
    for (region, code) in [
        ("", "missing"),
        ("  ", "missing"),
        ("Kalifornia", "invalid"),
        ("ZZ", "invalid"),
    ] {
        assert_untaxed(request(Some(("US", region))), &[(code, "state")]);
    }
    for region in ["DC", "PR", "ae", " ca ", "California", "US-NY"] {
        let (_, messages) = assess(request(Some(("us", region))));
        assert!(messages.is_empty(), "{region}");
    }
}

#[test]
fn businesses_are_exempt_if_configured() {
    let host = host().install();
    let buyer = Buyer {
        account: Some("business".into()),
        ..Buyer::default()
    };
    let of_business = |place| Request {
        buyer: Some(buyer.clone()),
        ..request(place)
    };
    assert_eq!(assess(of_business(Some(("DE", "")))).0.lines.len(), 1);
    host.set_config("tax.exempt-business", "true");
    for place in [Some(("DE", "")), None] {
        let (taxes, messages) = assess(of_business(place));
        assert_eq!(messages, []);
        let all = taxes.lines.iter().chain(&taxes.options).chain(&taxes.fees);
        let reasons: Vec<_> = all.map(|it| (it.rates.len(), it.exempt.as_deref())).collect();
        assert_eq!(reasons, [(0, Some("business")); 3]);
    }
}

/// A parcel to a postal code of a country.
fn parcel(country: &str, postal_code: &str) -> Request {
    let address = Address {
        postal_code: postal_code.into(),
        ..testing::address(country, "")
    };
    Request {
        destinations: vec![address.into()],
        ..request(None)
    }
}

fn with_territories() -> testing::Host {
    host()
        .config("tax.eu.ES", "21")
        .config("tax.eu.FR", "20")
        .config("tax.outside.ES", "35*, 38*, 51*, 52*")
        .config("tax.outside.DE", "27498, 78266")
        .config("tax.outside.FR", "97*, 986..988")
        .config("tax.treated-as.MC", "FR")
}

#[test]
fn territories_outside_of_the_vat_area_are_not_taxed() {
    let _host = with_territories().install();
    for (country, postal_code) in [
        ("ES", "35001"),
        ("ES", "E-38001"),
        ("ES", "51 001"),
        ("es", "ES-52001"),
        ("DE", "27498"),
        ("DE", "D-78266"),
        ("FR", "97400"),
        ("FR", "98800"),
    ] {
        assert_untaxed(parcel(country, postal_code), &[]);
    }
    for (country, postal_code, rate) in [
        ("ES", "28001", 210_000),
        ("ES", "", 210_000),
        ("DE", "27499", 190_000),
        ("FR", "75001", 200_000),
        ("FR", "98000", 200_000),
    ] {
        let (taxes, _) = assess(parcel(country, postal_code));
        assert_eq!(rates(&taxes.lines), [("line_1", country, rate)], "{postal_code}");
    }
}

#[test]
fn monaco_counts_as_france() {
    let _host = with_territories().install();
    let (taxes, _) = assess(parcel("MC", "98000"));
    assert_eq!(rates(&taxes.lines), [("line_1", "FR", 200_000)]);
}

#[test]
fn items_of_an_untaxed_category_are_exempt() {
    let mut card = testing::item("tee", 1_000);
    card.category = Some("Gift Cards".into());
    let host = host().item(card).install();
    assert_eq!(rates(&assess(request(Some(("DE", "")))).0.lines).len(), 1);
    host.set_config("tax.untaxed-categories", "gift cards");
    let (taxes, _) = assess(request(Some(("DE", ""))));
    assert_eq!(taxes.lines[0].exempt.as_deref(), Some("not_taxed"));
    assert_eq!(rates(&taxes.options).len(), 1, "its delivery is");
    let free = TaxableOption {
        price: 0,
        ..option("digital", None)
    };
    let alone = Request {
        options: vec![free],
        fees: Vec::new(),
        ..request(None)
    };
    let (taxes, messages) = assess(alone);
    assert_eq!((taxes.options.len(), messages), (0, vec![]), "no country is asked for");
}
