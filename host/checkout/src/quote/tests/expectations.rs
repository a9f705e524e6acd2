//! What a quote says to an agent that took an item for something else.

use super::shop::Shop;
use crate::cart::{Cart, CartEdit, ExpectedItem, RequestedItem};
use crate::ids::{ItemId, LineId};
use crate::message::{MessageSeverity, Subject};
use crate::quote::Quote;

fn expected(name: Option<&str>, unit_amount: Option<u64>) -> ExpectedItem {
    ExpectedItem {
        line: LineId::new("song"),
        name: name.map(str::to_owned),
        unit_amount,
    }
}

fn quote(tax_included: bool, expected: ExpectedItem) -> Quote {
    let shop = Shop::selling(&[("song", 1, 500)], tax_included).taxed(250_000, "half-up", "line");
    let cart = Cart {
        expected: vec![expected],
        ..shop.cart.clone()
    };
    Shop { cart, ..shop }.quote()
}

#[test]
fn a_price_that_the_agent_did_not_know_is_a_warning_and_blocks_nothing() {
    for (tax_included, amount, is_known) in [
        (false, 500, true),
        (false, 499, false),
        (false, 501, false),
        (true, 500, true),
        (true, 400, true),
        (true, 450, false),
    ] {
        let quote = quote(tax_included, expected(None, Some(amount)));
        let warnings: Vec<_> = quote.messages.iter().map(|message| message.code.as_deref()).collect();
        let wanted = if is_known { vec![] } else { vec![Some("price_change")] };
        assert_eq!(warnings, wanted, "{tax_included} {amount}");
        assert!(quote.is_ready());
        assert_eq!(quote.lines[0].unit_price.minor(), 500, "the merchant's price counts");
    }
}

#[test]
fn a_name_that_is_not_the_merchant_s_is_told() {
    for (name, count) in [("Thing", 0), (" THING ", 0), ("Hymn", 1)] {
        let messages = quote(false, expected(Some(name), None)).messages;
        assert_eq!(messages.len(), count, "{name}");
        for message in messages {
            assert_eq!(
                (message.severity, message.about),
                (MessageSeverity::Info, Subject::Line(LineId::new("song")))
            );
        }
    }
}

#[test]
fn new_items_come_with_new_expectations_and_other_changes_keep_the_old_ones() {
    let mut cart = Shop::selling(&[("song", 1, 500)], false).cart;
    let items = || {
        let requested = RequestedItem {
            item: ItemId::new("song"),
            quantity: 2,
        };
        Some(vec![requested])
    };
    for (edit, kept) in [
        (
            CartEdit {
                items: items(),
                expected: vec![expected(None, Some(500))],
                ..CartEdit::default()
            },
            1,
        ),
        (CartEdit::default(), 1),
        (
            CartEdit {
                items: items(),
                ..CartEdit::default()
            },
            0,
        ),
    ] {
        cart.apply(edit).unwrap();
        assert_eq!(cart.expected.len(), kept);
    }
}
