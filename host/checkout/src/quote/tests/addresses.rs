//! The fields that a delivery address needs.

use super::shop::{Shop, address, option, sent_to};
use crate::cart::Choice;
use crate::contact::Address;
use crate::ids::OptionId;
use crate::message::{Message, Subject};

fn messages(kinds: &[&str], destination: Option<Address>, reported: Vec<Message>) -> Vec<Subject> {
    let mut shop = Shop::selling(&[("tee", 1, 1000)], false);
    shop.offer.options = kinds.iter().map(|kind| option(kind, kind, 0)).collect();
    shop.offer.preselected = kinds
        .iter()
        .take(1)
        .map(|kind| Choice::of(OptionId::new(*kind)))
        .collect();
    shop.offer.messages = reported;
    if let Some(destination) = destination {
        shop.cart = sent_to(shop.cart, destination);
    }
    let quote = shop.quote();
    quote.blockers().map(|message| message.about.clone()).collect()
}

fn fields(names: &[&str]) -> Vec<Subject> {
    names
        .iter()
        .map(|name| Subject::Address(Some((*name).to_owned())))
        .collect()
}

#[test]
fn goods_that_travel_need_an_address_though_their_option_is_known() {
    for kind in ["shipping", "local_delivery", "drone"] {
        assert_eq!(messages(&[kind], None, vec![]), [Subject::Address(None)], "{kind}");
        assert!(
            messages(&[kind], Some(address("IE", "", "")), vec![]).is_empty(),
            "{kind}"
        );
    }
    for kind in ["digital", "pickup"] {
        assert!(messages(&[kind], None, vec![]).is_empty(), "{kind}");
    }
}

#[test]
fn every_blank_field_of_a_destination_is_named() {
    let shipping = ["digital", "shipping"];
    assert_eq!(
        messages(&shipping, Some(Address::default()), vec![]),
        fields(&["country", "line_one", "city"])
    );
    let spaces = Address {
        city: " \t".into(),
        ..address("US", "CA", "94105")
    };
    assert_eq!(messages(&shipping, Some(spaces), vec![]), fields(&["city"]));
}

#[test]
fn state_and_postal_code_are_needed_in_the_united_states_and_canada_only() {
    for country in ["US", "CA"] {
        let incomplete = messages(&["shipping"], Some(address(country, "", "")), vec![]);
        assert_eq!(incomplete, fields(&["state", "postal_code"]));
    }
    assert!(messages(&["shipping"], Some(address("US", "CA", "94105")), vec![]).is_empty());
}

#[test]
fn downloads_and_pickups_need_no_address() {
    assert!(messages(&["digital"], Some(Address::default()), vec![]).is_empty());
    assert!(messages(&["digital", "pickup"], Some(Address::default()), vec![]).is_empty());
}

#[test]
fn a_message_of_the_plugin_is_not_repeated() {
    let about = |field: &str| Subject::Address(Some(field.to_owned()));
    let reported = vec![
        Message::error("invalid", about("country"), "No"),
        Message::info(about("city"), "Nice"),
    ];
    assert_eq!(
        messages(&["shipping"], Some(Address::default()), reported),
        fields(&["country", "line_one", "city"]),
        "the country by the plugin, the others by the host"
    );
}
