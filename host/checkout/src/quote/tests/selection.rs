//! Which options apply to which lines.

use super::shop::{Shop, address, option, sent_to};
use crate::cart::Choice;
use crate::decision::OfferedOption;
use crate::ids::{LineId, OptionId};
use crate::message::Subject;
use crate::quote::Quote;

fn shop() -> Shop {
    let mut shop = Shop::selling(&[("tee", 1, 1000), ("song", 1, 500)], false);
    let of = |id, kind, price, line: &str| OfferedOption {
        lines: vec![LineId::new(line)],
        ..option(id, kind, price)
    };
    shop.offer.options = vec![
        of("standard", "shipping", 599, "tee"),
        of("express", "shipping", 1999, "tee"),
        of("download", "digital", 0, "song"),
    ];
    shop.offer.preselected = vec![
        Choice::of(OptionId::new("standard")),
        Choice::of(OptionId::new("download")),
    ];
    shop.cart = sent_to(shop.cart, address("US", "CA", "94105"));
    shop
}

fn selected(quote: &Quote) -> Vec<&str> {
    quote.selected.iter().map(|choice| choice.option.as_str()).collect()
}

fn missing(quote: &Quote) -> Vec<&Subject> {
    quote.blockers().map(|message| &message.about).collect()
}

#[test]
fn every_line_has_an_option_and_all_of_them_are_paid() {
    let quote = shop().quote();
    assert_eq!(selected(&quote), ["standard", "download"]);
    assert_eq!(
        (quote.totals.fulfillment.minor(), quote.totals.total.minor()),
        (599, 2099)
    );
    assert!(quote.is_ready());
}

#[test]
fn a_choice_replaces_the_preselected_option_of_its_lines_only() {
    let mut shop = shop();
    shop.cart.choices = vec![Choice::of(OptionId::new("express"))];
    let quote = shop.quote();
    assert_eq!(selected(&quote), ["express", "download"]);
    assert_eq!(quote.totals.fulfillment.minor(), 1999);
}

#[test]
fn a_line_without_an_option_needs_a_choice() {
    let mut shop = shop();
    shop.offer.preselected.truncate(1);
    let quote = shop.quote();
    assert_eq!(missing(&quote), [&Subject::Choice]);
}

#[test]
fn a_line_that_no_option_covers_is_not_sold() {
    let mut shop = shop();
    shop.offer.options.truncate(2);
    shop.offer.preselected.truncate(1);
    assert_eq!(missing(&shop.quote()), [&Subject::Line(LineId::new("song"))]);
    shop.offer.options.clear();
    shop.offer.preselected.clear();
    assert_eq!(
        missing(&shop.quote()),
        [&Subject::Address(None)],
        "nothing can be delivered"
    );
}

#[test]
fn goods_beside_a_download_need_an_address_before_options_are_offered_for_them() {
    let mut shop = shop();
    shop.cart.recipient = None;
    shop.offer.options.drain(..2);
    shop.offer.preselected.remove(0);
    let quote = shop.quote();
    assert_eq!(selected(&quote), ["download"]);
    assert_eq!(missing(&quote), [&Subject::Address(None)]);
}

#[test]
fn a_choice_that_is_not_on_offer_any_more_is_replaced() {
    let mut shop = shop();
    shop.cart.choices = vec![Choice::of(OptionId::new("drone"))];
    assert_eq!(selected(&shop.quote()), ["standard", "download"]);
}

#[test]
fn one_option_that_two_choices_name_is_paid_once() {
    let mut shop = Shop::selling(&[("tee", 1, 1000), ("mug", 1, 500)], false);
    shop.cart = sent_to(shop.cart, address("US", "CA", "94105"));
    shop.offer.options = vec![option("standard", "shipping", 599)];
    let choice = |line: &str| Choice {
        option: OptionId::new("standard"),
        lines: vec![LineId::new(line)],
    };
    shop.cart.choices = vec![choice("tee"), choice("mug")];
    shop.offer.preselected = Vec::new();
    let quote = shop.quote();
    assert_eq!(selected(&quote), ["standard"]);
    assert_eq!(quote.selected[0].lines.len(), 2);
    assert_eq!(quote.totals.fulfillment.minor(), 599);
}
