//! The cart with its lines, groups and choices.

use super::people::{address, buyer, recipient};
use super::wit;
use crate::api::bindings::tillhouse::merchant::inventory_types::Reservation as WitReservation;
use tillhouse_checkout::cart::{Cart, CartLine, Choice, FulfillmentGroup};
use tillhouse_checkout::decision::Reservation;
use tillhouse_checkout::ids::LineId;

/// Prefix of the host's own extension keys.
const HOST_PREFIX: &str = "tillhouse.";
/// Key of the extension that carries the buyer's notes for the merchant.
const NOTES: &str = "tillhouse.notes";
/// Key of the extension that carries the number of the buyer's purchase order.
const PURCHASE_ORDER: &str = "tillhouse.purchase-order";
/// Key of the extension that carries all of the agent's metadata, as a JSON object.
const METADATA: &str = "tillhouse.metadata";
/// Maximum number of extensions of a cart.
const MAX_EXTENSIONS: usize = 16;
/// Maximum size of a cart's extensions, keys and values together, in bytes.
const MAX_EXTENSIONS_BYTES: usize = 2048;

pub(crate) fn cart(cart: &Cart) -> wit::Cart {
    wit::Cart {
        lines: lines(&cart.lines),
        codes: cart.codes.clone(),
        buyer: cart.buyer.as_ref().map(buyer),
        recipient: cart.recipient.as_ref().map(recipient),
        destination: cart.destination().map(address),
        billing: cart.billing.as_ref().map(address),
        groups: cart.groups.iter().map(group).collect(),
        choices: cart.choices.iter().map(choice).collect(),
        quote_id: cart.quote_id.clone(),
        extensions: extensions(cart),
    }
}

pub(crate) fn lines(lines: &[CartLine]) -> Vec<wit::Line> {
    lines
        .iter()
        .map(|line| wit::Line {
            id: line.id.as_str().to_owned(),
            item: line.item.as_str().to_owned(),
            quantity: line.quantity,
            extensions: Vec::new(),
        })
        .collect()
}

pub(crate) fn reservation(reservation: &Reservation) -> WitReservation {
    WitReservation {
        id: reservation.id.as_str().to_owned(),
        lines: lines(&reservation.lines),
        expires: reservation.expires.millis(),
    }
}

fn group(group: &FulfillmentGroup) -> wit::Group {
    wit::Group {
        id: group.id.as_str().to_owned(),
        kind: group.kind.clone(),
        lines: line_ids(&group.lines),
        destination: group.destination.as_ref().map(address),
        recipient: group.recipient.as_ref().map(recipient),
        location: group.location.clone(),
        instructions: group.instructions.clone(),
        extensions: Vec::new(),
    }
}

fn choice(choice: &Choice) -> wit::Choice {
    wit::Choice {
        option: choice.option.as_str().to_owned(),
        lines: line_ids(&choice.lines),
    }
}

pub(super) fn line_ids(lines: &[LineId]) -> Vec<String> {
    lines.iter().map(|line| line.as_str().to_owned()).collect()
}

/// Metadata of the agent, each member under its name with hyphens, as far as names and sizes are within the limits of the WIT; and,
/// under keys that an agent cannot use, the notes, the purchase order and all of the metadata.
fn extensions(cart: &Cart) -> Vec<(String, String)> {
    let mut room = MAX_EXTENSIONS_BYTES;
    let given = cart.metadata.pairs().filter(|(key, value)| {
        let fits = is_free(key)
            .then(|| room.checked_sub(key.len() + value.len()))
            .flatten();
        room = fits.unwrap_or(room);
        fits.is_some()
    });
    let notes = cart.notes.iter().map(|notes| (NOTES.to_owned(), notes.clone()));
    let whole = (!cart.metadata.is_empty()).then(|| (METADATA.to_owned(), cart.metadata.to_json()));
    let order = cart
        .purchase_order
        .iter()
        .map(|number| (PURCHASE_ORDER.to_owned(), number.clone()));
    let own = notes.chain(order).chain(whole);
    given.take(MAX_EXTENSIONS).chain(own).collect()
}

/// Whether an agent may use this extension key.
fn is_free(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !key.is_empty() && key.bytes().all(plain) && !key.starts_with(HOST_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tillhouse_checkout::metadata::Metadata;

    fn passed(given: &[(&str, &str)], notes: Option<&str>) -> Vec<(String, String)> {
        let member = |(name, text): &(&str, &str)| ((*name).to_owned(), Value::from(*text));
        extensions(&Cart {
            metadata: given.iter().map(member).collect::<Vec<_>>().into(),
            notes: notes.map(str::to_owned),
            ..Cart::default()
        })
    }

    fn keys(passed: &[(String, String)]) -> Vec<&str> {
        passed.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn agents_may_use_plain_names_outside_the_hosts_own_namespace() {
        let given = [
            ("acme.note_2", "x"),
            ("gift_wrap", "true"),
            ("tillhouse.notes", "forged"),
            ("tillhouse.", "x"),
            ("", "x"),
            ("Gift", "x"),
            ("gr\u{fc}n", "x"),
            ("a b", "x"),
        ];
        let passed = passed(&given, Some("Ring twice"));
        assert_eq!(
            keys(&passed),
            ["acme.note-2", "gift-wrap", "tillhouse.notes", "tillhouse.metadata"]
        );
        assert_eq!(passed[2].1, "Ring twice");
        // Under the host's own key, under which a name of the agent is a text like any other.
        assert!(passed[3].1.contains(r#""Gift":"x""#), "{}", passed[3].1);
    }

    #[test]
    fn nested_metadata_is_passed_on_as_json() {
        let members = json!({"order": {"lines": [1, 2]}, "vip": true});
        let given = Cart {
            metadata: Metadata(serde_json::from_value(members.clone()).unwrap()),
            ..Cart::default()
        };
        let expected = [
            ("order", r#"{"lines":[1,2]}"#.to_owned()),
            ("vip", "true".to_owned()),
            ("tillhouse.metadata", members.to_string()),
        ];
        assert_eq!(extensions(&given), expected.map(|(key, value)| (key.to_owned(), value)));
    }

    #[test]
    fn extensions_are_bounded_in_number_and_bytes_and_the_hosts_own_are_not_counted() {
        let names: Vec<String> = (10..30).map(|n| format!("k{n}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
        let notes = "n".repeat(5_000);
        let passed_on = passed(&many, Some(&notes));
        assert_eq!(passed_on.len(), MAX_EXTENSIONS + 2);
        assert_eq!(passed_on[MAX_EXTENSIONS].1, notes);

        let (fits, too_long) = ("v".repeat(MAX_EXTENSIONS_BYTES - 1), "v".repeat(MAX_EXTENSIONS_BYTES));
        let own = "tillhouse.metadata";
        assert_eq!(keys(&passed(&[("a", &too_long), ("b", "v")], None)), ["b", own]);
        assert_eq!(keys(&passed(&[("a", &fits), ("b", "v")], None)), ["a", own]);
    }
}
