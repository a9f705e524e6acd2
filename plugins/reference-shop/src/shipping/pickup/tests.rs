#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::Shop;
use crate::time::HOUR_MS;

fn host() -> testing::Host {
    let mut host = testing::Host::new()
        .item(testing::item("mug", 1_500))
        .config("shipping.zones", "all")
        .config("shipping.zone.all.countries", "*")
        .config("shipping.zone.all.standard.price", "599");
    for (id, region) in [("airport", "WA"), ("downtown", "OR")] {
        for (property, value) in [
            ("name", id),
            ("line-one", "1 Main St"),
            ("city", "Town"),
            ("region", region),
            ("country", "US"),
            ("type", "in_store"),
            ("ready-hours", "2"),
            ("kept-days", "7"),
        ] {
            host = host.config(&format!("pickup.place.{id}.{property}"), value);
        }
    }
    host
}

fn offered(cart: Cart) -> Offer {
    Shop::options(testing::context("USD"), cart, vec![]).unwrap()
}

fn ids(offer: &Offer) -> Vec<&str> {
    offer.options.iter().map(|option| option.id.as_str()).collect()
}

/// A cart with a mug, in a group that asks for a pickup at this place.
fn picked_up(location: Option<&str>) -> Cart {
    let mut cart = testing::cart(&[("mug", 1)]);
    cart.groups = vec![Group {
        kind: "pickup".into(),
        location: location.map(str::to_owned),
        ..Group::shipping("g", ["line_1"], testing::address("US", "OR"))
    }];
    cart
}

#[test]
fn a_group_that_asks_for_a_pickup_gets_every_place_and_chooses() {
    let _host = host().install();
    let offer = offered(picked_up(None));
    assert_eq!(ids(&offer), ["g/pickup-airport", "g/pickup-downtown"]);
    assert_eq!((offer.preselected, offer.messages), (vec![], vec![]));
}

#[test]
fn a_group_that_names_a_place_gets_it() {
    let _host = host().install();
    let offer = offered(picked_up(Some("downtown")));
    assert_eq!(offer.preselected, [Choice::of("g/pickup-downtown")]);
    let place = offer.options[0].place.as_ref().unwrap();
    assert_eq!(
        (place.id.as_deref(), place.name.as_str()),
        (Some("downtown"), "downtown")
    );
    let nowhere = offered(picked_up(Some("moon")));
    assert!(nowhere.options.is_empty());
    assert_eq!(nowhere.messages[0].code.as_deref(), Some("unsupported"));
}

#[test]
fn a_buyer_in_the_region_of_a_place_is_offered_it_beside_shipping() {
    let _host = host().install();
    let mut cart = testing::cart(&[("mug", 1)]);
    for (region, expected) in [("OR", &["standard", "pickup-downtown"][..]), ("CA", &["standard"])] {
        cart.destination = Some(testing::address("US", region));
        let offer = offered(cart.clone());
        assert_eq!(ids(&offer), expected);
        assert_eq!(offer.preselected, [Choice::of("standard")]);
    }
}

#[test]
fn a_place_without_a_region_is_offered_in_its_country() {
    let _host = host().config("pickup.place.airport.region", "").install();
    let mut cart = testing::cart(&[("mug", 1)]);
    for (country, expected) in [("US", &["standard", "pickup-airport"][..]), ("CA", &["standard"])] {
        cart.destination = Some(testing::address(country, "CA"));
        assert_eq!(ids(&offered(cart.clone())), expected, "{country}");
    }
}

#[test]
fn goods_are_ready_at_a_full_hour_and_kept_for_whole_days() {
    let _host = host().install();
    let option = offered(picked_up(Some("airport"))).options.remove(0);
    let (now, ready) = (testing::context("USD").now, option.ready_by.unwrap());
    assert_eq!(ready % HOUR_MS, 0);
    assert!((2 * HOUR_MS..=3 * HOUR_MS).contains(&(ready - now)));
    assert_eq!(option.pickup_by.unwrap() % DAY_MS, 0);
    assert!(option.pickup_by.unwrap() > ready + 6 * DAY_MS);
    assert_eq!(option.pickup_type.as_deref(), Some("in_store"));
}
