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
fn a_state_that_its_country_does_not_have_is_asked_for_where_states_have_codes() {
    let shipping =
        |country: &str, region: &str| messages(&["shipping"], Some(address(country, region, "94105")), vec![]);
    for (country, region) in [("US", "Kalifornia"), ("US", "ON"), ("CA", "NY"), ("AU", "Auckland")] {
        assert_eq!(shipping(country, region), fields(&["state"]), "{region}, {country}");
    }
    for (country, region) in [
        ("US", "California"),
        ("US", "US-CA"),
        ("US", " ca "),
        ("CA", "Québec"),
        ("AU", "NSW"),
        ("AU", ""),
        ("DE", "Kalifornien"),
    ] {
        assert!(shipping(country, region).is_empty(), "{region}, {country}");
    }
    let elsewhere = Some(address("US", "Kalifornia", "94105"));
    assert!(messages(&["pickup"], elsewhere.clone(), vec![]).is_empty());
    let own = Message::error("invalid", fields(&["state"]).remove(0), "Which state?");
    assert_eq!(
        messages(&["shipping"], elsewhere, vec![own]),
        fields(&["state"]),
        "one is enough"
    );
}

#[test]
fn a_country_that_was_read_by_another_code_is_told_and_blocks_nothing() {
    for (written, code, told) in [("UK", "GB", true), ("EL", "GR", true), ("GB", "GB", false)] {
        for kind in ["shipping", "digital"] {
            let mut shop = Shop::selling(&[("tee", 1, 1000)], false);
            shop.offer.options = vec![option(kind, kind, 0)];
            shop.offer.preselected = vec![Choice::of(OptionId::new(kind))];
            shop.cart = sent_to(shop.cart, address(written, "", ""));
            assert_eq!(shop.cart.destination().unwrap().country, code);
            let quote = shop.quote();
            assert!(quote.is_ready());
            let texts: Vec<&str> = quote.messages.iter().map(|message| message.text.as_str()).collect();
            assert_eq!(!texts.is_empty(), told, "{texts:?}");
            assert!(
                texts.iter().all(|text| text.contains(written) && text.contains(code)),
                "{texts:?}"
            );
        }
    }
}

#[test]
fn a_street_of_invisible_characters_is_missing() {
    let invisible = Address {
        line_one: "\u{200b}\u{a0}\u{ad}".into(),
        ..address("DE", "", "")
    };
    assert_eq!(messages(&["shipping"], Some(invisible), vec![]), fields(&["line_one"]));
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
