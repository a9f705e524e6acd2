//! Carts whose lines go to several places.

use super::shop::{NOW, Shop, address, option};
use crate::cart::{Choice, FulfillmentGroup};
use crate::contact::Address;
use crate::decision::{OfferedOption, PickupPlace};
use crate::ids::{GroupId, LineId, OptionId};
use crate::message::Subject;
use crate::quote::{Quote, amounts, options};

fn group(id: &str, kind: &str, line: &str) -> FulfillmentGroup {
    FulfillmentGroup {
        id: GroupId::new(id),
        kind: kind.into(),
        lines: vec![LineId::new(line)],
        destination: (kind == "shipping").then(|| address("US", "CA", "94105")),
        recipient: None,
        location: None,
        instructions: None,
    }
}

fn of_group(id: &str, group: &str) -> OfferedOption {
    OfferedOption {
        group: Some(GroupId::new(group)),
        ..option(id, "shipping", 599)
    }
}

fn pickup(id: &str, place: &str) -> OfferedOption {
    OfferedOption {
        place: Some(PickupPlace {
            id: Some(place.into()),
            name: place.into(),
            address: address("US", "NY", place),
            phone: None,
            instructions: None,
        }),
        ..option(id, "pickup", 0)
    }
}

/// Two lines, each in a shipping group of its own.
fn two_parcels() -> Shop {
    let mut shop = Shop::selling(&[("tee", 1, 1000), ("mug", 1, 500)], false);
    shop.cart.groups = vec![group("home", "shipping", "tee"), group("work", "shipping", "mug")];
    shop.offer.options = vec![of_group("to_home", "home"), of_group("to_work", "work")];
    shop.offer.preselected = chosen(&["to_home", "to_work"]);
    shop
}

/// One line to be sent, and one to be picked up.
fn parcel_and_pickup() -> Shop {
    let mut shop = Shop::selling(&[("tee", 1, 1000), ("mug", 1, 500)], false);
    shop.cart.groups = vec![group("home", "shipping", "tee"), group("shop", "pickup", "mug")];
    shop.offer.options = vec![
        option("standard", "shipping", 599),
        pickup("uptown", "uptown"),
        pickup("downtown", "downtown"),
    ];
    shop.offer.preselected = chosen(&["standard"]);
    shop.cart.choices = chosen(&["downtown"]);
    shop
}

fn chosen(options: &[&str]) -> Vec<Choice> {
    options.iter().map(|id| Choice::of(OptionId::new(*id))).collect()
}

/// The options that apply, each with its first line.
fn selected(quote: &Quote) -> Vec<(&str, &str)> {
    assert!(quote.selected.iter().all(|choice| choice.lines.len() == 1));
    let options = quote.selected.iter();
    options
        .map(|choice| (choice.option.as_str(), choice.lines[0].as_str()))
        .collect()
}

fn blockers(quote: &Quote) -> Vec<(&str, &Subject)> {
    let blockers = quote.blockers();
    blockers
        .map(|message| (message.code.as_deref().unwrap_or_default(), &message.about))
        .collect()
}

fn destinations(shop: &Shop) -> Vec<(Option<GroupId>, Address)> {
    let priced = amounts::price(&shop.cart, shop.prices.clone(), NOW).unwrap();
    let offered = options::options(&shop.cart, &priced, &shop.offer).unwrap();
    options::tax_request(&shop.cart, &priced, &offered).destinations
}

#[test]
fn groups_have_options_of_their_own_and_all_of_them_are_paid() {
    let quote = two_parcels().quote();
    assert_eq!(selected(&quote), [("to_home", "tee"), ("to_work", "mug")]);
    assert_eq!(quote.totals.fulfillment.minor(), 2 * 599);
    assert!(quote.is_ready());
}

#[test]
fn what_is_missing_of_an_address_is_said_of_its_group() {
    let work = || GroupId::new("work");
    let mut shop = two_parcels();
    shop.cart.groups[1].destination = None;
    assert_eq!(
        blockers(&shop.quote()),
        [("missing", &Subject::GroupAddress(work(), None))]
    );
    shop.cart.groups[1].destination = Some(Address {
        city: String::new(),
        ..address("US", "CA", "94105")
    });
    assert_eq!(
        blockers(&shop.quote()),
        [("missing", &Subject::GroupAddress(work(), Some("city".into())))]
    );
}

#[test]
fn an_option_applies_to_the_groups_that_ask_for_its_kind() {
    let quote = parcel_and_pickup().quote();
    assert_eq!(selected(&quote), [("downtown", "mug"), ("standard", "tee")]);
    assert!(quote.is_ready(), "{:?}", quote.messages);
}

#[test]
fn a_group_that_names_a_place_is_picked_up_there_only() {
    let mut shop = parcel_and_pickup();
    shop.cart.groups[1].location = Some("uptown".into());
    assert_eq!(blockers(&shop.quote()), [("missing", &Subject::Choice)]);
    shop.cart.choices = chosen(&["uptown"]);
    assert_eq!(selected(&shop.quote()), [("uptown", "mug"), ("standard", "tee")]);
    shop.cart.groups[1].location = Some("nowhere".into());
    let mug = Subject::Line(LineId::new("mug"));
    assert_eq!(blockers(&shop.quote()), [("unsupported", &mug)]);
}

#[test]
fn the_address_of_the_cart_need_not_be_complete_where_no_line_goes_there() {
    let mut shop = two_parcels();
    shop.cart = super::shop::sent_to(shop.cart, Address::default());
    assert!(shop.quote().is_ready());
    shop.cart.groups[1].destination = None;
    assert!(!shop.quote().is_ready());
}

#[test]
fn taxes_are_assessed_where_each_group_goes_or_is_picked_up() {
    let shop = parcel_and_pickup();
    let [home, counter] = ["home", "shop"].map(GroupId::new);
    assert_eq!(
        destinations(&shop),
        [
            (Some(home.clone()), address("US", "CA", "94105")),
            (Some(counter.clone()), address("US", "NY", "downtown")),
        ]
    );
    let mut undecided = shop;
    undecided.cart.choices.clear();
    assert_eq!(
        destinations(&undecided)[1],
        (Some(counter), address("US", "NY", "uptown")),
        "the first that is on offer"
    );
}

#[test]
fn an_address_that_the_agent_gave_does_not_move_the_taxes_of_a_pickup() {
    let mut shop = parcel_and_pickup();
    let given = address("US", "OR", "97201");
    shop.cart.groups[1].destination = Some(given.clone());
    assert_eq!(destinations(&shop)[1].1, address("US", "NY", "downtown"));
    shop.offer.options.retain(|option| option.place.is_none());
    shop.cart.choices.clear();
    assert_eq!(destinations(&shop)[1].1, given, "no place is known");
}
