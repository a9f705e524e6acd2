//! Quotes whose amounts the issuer of the payment tokens cannot be told, or takes no payment of.

use super::shop::{Shop, discount, off};
use crate::decision::DiscountTarget;
use crate::message::Subject;
use crate::money::Currency;
use crate::party_units::Party;
use crate::quote::Quote;

fn quote(items: &[(&str, u32, i64)], code: &str, is_shown_to_it: bool) -> Quote {
    let mut quote = Shop::selling(items, false).quote();
    quote.hold_to(Party::Stripe, Currency::new(code).unwrap(), is_shown_to_it);
    quote
}

fn codes(quote: &Quote) -> Vec<(Option<&str>, &Subject)> {
    let errors = quote.blockers();
    errors
        .map(|message| (message.code.as_deref(), &message.about))
        .collect()
}

#[test]
fn a_total_between_two_steps_of_the_issuer_is_not_ready_and_says_so() {
    let quote = quote(&[("shirt", 1, 12_345)], "KWD", true);
    assert!(!quote.is_ready());
    assert_eq!(codes(&quote), [(Some("unsupported"), &Subject::Session)]);
    let text = &quote.messages[0].text;
    assert!(text.contains("12.345 KWD") && text.contains("0.010 KWD"), "{text}");
}

#[test]
fn lines_that_add_up_to_a_step_are_payable() {
    let quote = quote(&[("shirt", 1, 12_345), ("mug", 1, 5)], "KWD", true);
    assert!(quote.is_ready(), "{:?}", quote.messages);
}

#[test]
fn a_total_larger_than_the_issuer_takes_is_not_ready_and_names_the_limit() {
    assert!(quote(&[("ring", 1, 99_999_999)], "USD", true).is_ready());
    let quote = quote(&[("ring", 1, 100_000_000)], "USD", false);
    assert_eq!(codes(&quote), [(Some("maximum_exceeded"), &Subject::Session)]);
    let text = &quote.messages[0].text;
    assert!(
        text.contains("1000000.00 USD") && text.contains("999999.99 USD"),
        "{text}"
    );
}

#[test]
fn a_line_that_cannot_be_shown_in_the_issuers_units_is_named_where_it_is_shown() {
    let items = [("shirt", 1, 5050), ("mug", 1, 4950)];
    let shown = quote(&items, "MGA", true);
    let lines = shown.lines.iter().map(|line| Subject::Line(line.id.clone()));
    let lines: Vec<Subject> = lines.collect();
    assert_eq!(
        codes(&shown),
        [(Some("unsupported"), &lines[0]), (Some("unsupported"), &lines[1])]
    );
    assert!(quote(&items, "MGA", false).is_ready(), "100.00 MGA are whole");
    assert!(!quote(&items[..1], "MGA", false).is_ready(), "50.50 MGA are not");
}

#[test]
fn a_total_of_zero_is_not_paid_and_may_be_of_anything() {
    let mut shop = Shop::selling(&[("shirt", 1, 5050)], false);
    shop.prices.discounts = vec![discount("all", off(DiscountTarget::Order, 5050))];
    let mut quote = shop.quote();
    quote.hold_to(Party::Stripe, Currency::new("MGA").unwrap(), true);
    assert!(quote.is_ready(), "{:?}", quote.messages);
}

#[test]
fn nothing_is_payable_in_a_currency_without_units() {
    let quote = quote(&[("shirt", 1, 1000)], "LYD", false);
    assert_eq!(codes(&quote), [(Some("unsupported"), &Subject::Session)]);
    assert!(
        quote.messages[0]
            .text
            .contains("Stripe has no units for amounts of LYD")
    );
}
