#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_plugin::catalog::Item;

use super::*;
use crate::time::DAY_MS;

fn host() -> testing::Host {
    let box_of_books = Item {
        weight_grams: Some(2_100),
        ..testing::item("books", 1_000)
    };
    let song = Item {
        physical: false,
        ..testing::item("song", 99)
    };
    testing::Host::new()
        .item(box_of_books)
        .item(song)
        .config("shipping.zones", "domestic, world")
        .config("shipping.zone.domestic.countries", "US")
        .config("shipping.zone.domestic.except-regions", "HI")
        .config("shipping.zone.domestic.standard.title", "Standard")
        .config("shipping.zone.domestic.standard.price", "599")
        .config("shipping.zone.domestic.standard.free-over", "5000")
        .config("shipping.zone.domestic.standard.days", "3-5")
        .config("shipping.zone.domestic.express.price", "1999")
        .config("shipping.zone.domestic.express.days", "1")
        .config("shipping.zone.world.countries", "*")
        .config("shipping.zone.world.except-countries", "KP")
        .config("shipping.zone.world.standard.price", "1000")
        .config("shipping.zone.world.standard.per-kg", "500")
}

fn options(item: &str, quantity: u32, destination: Option<(&str, &str)>) -> Offer {
    let mut cart = testing::cart(&[(item, quantity)]);
    cart.destination = destination.map(|(country, region)| testing::address(country, region));
    let amount = testing::line_amount("line_1", item, quantity, 1_000);
    Shop::options(testing::context("USD"), cart, vec![amount]).unwrap()
}

fn prices(offer: &Offer) -> Vec<(&str, i64)> {
    offer
        .options
        .iter()
        .map(|option| (option.id.as_str(), option.price))
        .collect()
}

#[test]
fn the_first_zone_that_has_the_country_serves_it() {
    let _host = host().install();
    assert_eq!(
        prices(&options("books", 1, Some(("US", "CA")))),
        [("standard", 599), ("express", 1_999)]
    );
    assert_eq!(
        prices(&options("books", 1, Some(("FR", "")))),
        [("standard", 1_000 + 3 * 500)]
    );
}

#[test]
fn an_excluded_region_falls_to_the_next_zone() {
    let _host = host().install();
    assert_eq!(
        prices(&options("books", 1, Some(("US", "hi")))),
        [("standard", 1_000 + 3 * 500)]
    );
}

#[test]
fn shipping_is_free_from_the_threshold() {
    let _host = host().install();
    assert_eq!(prices(&options("books", 5, Some(("US", "CA"))))[0], ("standard", 0));
}

#[test]
fn arrival_is_counted_in_days_from_today() {
    let _host = host().install();
    let offer = options("books", 1, Some(("US", "CA")));
    let today = testing::context("USD").now;
    assert_eq!(offer.options[0].earliest, Some(today + 3 * DAY_MS));
    assert_eq!(offer.options[0].latest, Some(today + 5 * DAY_MS));
    assert_eq!(offer.options[1].earliest, offer.options[1].latest);
}

#[test]
fn preselection_follows_the_configuration() {
    let host = host().install();
    let preselected = || options("books", 1, Some(("US", "CA"))).preselected;
    assert_eq!(preselected(), [Choice::of("standard")]);
    host.set_config("shipping.preselect", "express");
    assert_eq!(preselected(), [Choice::of("express")]);
}

#[test]
fn a_price_of_shipping_includes_tax_if_configured() {
    let host = host().install();
    let included = || options("books", 1, Some(("US", "CA"))).options[0].tax_included;
    assert!(!included());
    host.set_config("shipping.tax-included", "true");
    assert!(included());
}

#[test]
fn an_undeliverable_address_is_an_error_about_the_address() {
    let _host = host().install();
    let offer = options("books", 1, Some(("KP", "")));
    assert!(offer.options.is_empty());
    assert_eq!(offer.messages[0].code.as_deref(), Some("region_restricted"));
    assert_eq!(offer.messages[0].about, Subject::address("country"));
}

#[test]
fn an_address_without_a_country_is_in_no_zone() {
    let _host = host().install();
    for country in ["", " "] {
        let offer = options("books", 1, Some((country, "CA")));
        assert!(offer.options.is_empty());
        assert_eq!(offer.messages[0].code.as_deref(), Some("missing"));
        assert_eq!(offer.messages[0].about, Subject::address("country"));
    }
}

#[test]
fn a_download_needs_no_address_and_a_parcel_does() {
    let _host = host().install();
    assert_eq!(options("song", 1, None).options[0].kind, "digital");
    let parcel = options("books", 1, None);
    assert!(parcel.options.is_empty() && parcel.messages.is_empty());
}

/// A cart of two boxes of books, two songs and a box of books, in groups.
fn grouped(groups: Vec<Group>) -> Offer {
    let mut cart = testing::cart(&[("books", 2), ("song", 2), ("books", 1)]);
    cart.destination = Some(testing::address("FR", ""));
    cart.groups = groups;
    let quantities = [("line_1", 2), ("line_2", 2), ("line_3", 6)];
    let amounts = quantities.map(|(line, quantity)| LineAmount {
        group: cart.group_of(line).map(|group| group.id.clone()),
        ..testing::line_amount(line, "books", quantity, 1_000)
    });
    Shop::options(testing::context("USD"), cart, amounts.into()).unwrap()
}

fn group(id: &str, lines: &[&str], place: Option<(&str, &str)>) -> Group {
    Group {
        destination: place.map(|(country, region)| testing::address(country, region)),
        ..Group::shipping(id, lines.iter().copied(), Address::default())
    }
}

#[test]
fn each_group_is_shipped_to_its_own_address_or_else_to_that_of_the_cart() {
    let _host = host().install();
    let offer = grouped(vec![
        group("home", &["line_1"], None),
        group("songs", &["line_2"], None),
        group("office", &["line_3"], Some(("US", "CA"))),
    ]);
    assert_eq!(
        prices(&offer),
        [
            ("home/standard", 1_000 + 5 * 500),
            ("songs/digital", 0),
            ("office/standard", 0),
            ("office/express", 1_999)
        ],
        "what the office gets is worth enough for free shipping"
    );
    let groups: Vec<_> = offer
        .options
        .iter()
        .map(|option| option.group.as_deref().unwrap())
        .collect();
    assert_eq!(groups, ["home", "songs", "office", "office"]);
    let preselected = ["home/standard", "songs/digital", "office/standard"];
    assert_eq!(offer.preselected, preselected.map(Choice::of));
    assert_eq!(offer.messages, []);
}

#[test]
fn the_lines_in_no_group_are_a_parcel_of_their_own() {
    let _host = host().install();
    let offer = grouped(vec![
        group("office", &["line_3"], Some(("US", "CA"))),
        group("empty", &[], None),
    ]);
    let standard = offer.options.last().unwrap();
    assert_eq!((standard.id.as_str(), standard.price), ("standard", 1_000 + 5 * 500));
    assert_eq!(standard.lines, ["line_1", "line_2"]);
    assert_eq!(offer.preselected, ["office/standard", "standard"].map(Choice::of));
}

#[test]
fn a_group_that_cannot_be_served_blocks_payment_and_the_others_have_options() {
    let _host = host().install();
    let pickup = Group {
        kind: "pickup".into(),
        ..group("shop", &["line_1"], None)
    };
    let offer = grouped(vec![pickup, group("north", &["line_3"], Some(("KP", "")))]);
    assert_eq!(prices(&offer), [("digital", 0)]);
    let codes: Vec<_> = offer
        .messages
        .iter()
        .map(|message| message.code.as_deref().unwrap())
        .collect();
    assert_eq!(codes, ["unsupported", "region_restricted"]);
    assert!(offer.messages.iter().all(|message| message.severity == Severity::Error));
}

#[test]
fn a_group_without_any_address_gets_no_option_until_it_has_one() {
    let _host = host().install();
    let mut cart = testing::cart(&[("books", 1), ("song", 1)]);
    cart.groups = vec![group("home", &["line_1"], None), group("songs", &["line_2"], None)];
    let offer = Shop::options(testing::context("USD"), cart, vec![]).unwrap();
    assert_eq!(prices(&offer), [("songs/digital", 0)]);
    assert_eq!(offer.messages, []);
}

/// A cart with a group of its own for each line.
fn scattered(places: usize, id: &str) -> Result<Offer, Failure> {
    let items = vec![("books", 1); places];
    let mut cart = testing::cart(&items);
    let line = |number: usize| format!("line_{number}");
    cart.groups = (1..=places)
        .map(|number| Group::shipping(format!("{id}{number}"), [line(number)], testing::address("US", "CA")))
        .collect();
    Shop::options(testing::context("USD"), cart, vec![])
}

#[test]
fn an_offer_never_has_more_options_than_the_contract_allows() {
    let _host = host().install();
    assert_eq!(scattered(25, "g").unwrap().options.len(), 50);
    let offer = scattered(26, "g").unwrap();
    assert_eq!(
        (offer.options.len(), offer.preselected.len()),
        (26, 26),
        "the preselected ones"
    );
    assert!(matches!(scattered(51, "g"), Err(Failure::Rejected(rejection)) if rejection.code == "maximum_exceeded"));
    let long = "g".repeat(250);
    assert!(matches!(scattered(1, &long), Err(Failure::Rejected(rejection)) if rejection.code == "invalid"));
}
