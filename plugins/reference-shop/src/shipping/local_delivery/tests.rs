#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::Shop;

fn host() -> testing::Host {
    testing::Host::new()
        .item(testing::item("mug", 1_500))
        .config("shipping.zones", "all")
        .config("shipping.zone.all.countries", "*")
        .config("shipping.zone.all.standard.price", "599")
        .config("local-delivery.country", "US")
        .config("local-delivery.postal-codes", "972*, 97301")
        .config("local-delivery.title", "By bike")
        .config("local-delivery.price", "799")
        .config("local-delivery.free-over", "5000")
}

fn address(postal_code: &str) -> Address {
    Address {
        postal_code: postal_code.into(),
        ..testing::address("US", "OR")
    }
}

/// Kind and price of each option.
fn offered(cart: Cart) -> (Vec<(String, i64)>, Offer) {
    let amount = testing::line_amount("line_1", "mug", 1, 1_500);
    let offer = Shop::options(testing::context("USD"), cart, vec![amount]).unwrap();
    let options = offer.options.iter();
    (
        options.map(|option| (option.kind.clone(), option.price)).collect(),
        offer,
    )
}

#[test]
fn the_shop_brings_what_goes_to_its_area() {
    let _host = host().install();
    let mut cart = testing::cart(&[("mug", 1)]);
    for (postal_code, is_inside) in [("97204", true), ("97301-1234", true), ("97302", false), ("", false)] {
        cart.destination = Some(address(postal_code));
        let (options, offer) = offered(cart.clone());
        let by_bike = options.contains(&("local_delivery".into(), 799));
        assert_eq!(by_bike, is_inside, "{postal_code}");
        assert_eq!(offer.preselected, [Choice::of("standard")]);
    }
}

#[test]
fn a_group_that_asks_for_it_gets_it_or_is_told_that_it_is_not_brought_there() {
    let _host = host().install();
    let to = |postal_code: &str| {
        let mut cart = testing::cart(&[("mug", 1)]);
        cart.groups = vec![Group {
            kind: "local_delivery".into(),
            ..Group::shipping("g", ["line_1"], address(postal_code))
        }];
        offered(cart).1
    };
    let near = to("97204");
    assert_eq!(near.preselected, [Choice::of("g/local-delivery")]);
    assert_eq!(near.options.len(), 1);
    let far = to("10001");
    assert!(far.options.is_empty());
    assert_eq!(far.messages.first().unwrap().code.as_deref(), Some("region_restricted"));
}
