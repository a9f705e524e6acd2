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

/// Extensions of the cart from the agent, as far as they are within the limits of the WIT; the others are left out.
///
/// The notes are added under a key that an agent cannot use.
fn extensions(cart: &Cart) -> Vec<(String, String)> {
    let mut room = MAX_EXTENSIONS_BYTES;
    let given = cart.extensions.iter().filter(|(key, value)| {
        let fits = is_free(key)
            .then(|| room.checked_sub(key.len() + value.len()))
            .flatten();
        room = fits.unwrap_or(room);
        fits.is_some()
    });
    let notes = cart.notes.iter().map(|notes| (NOTES.to_owned(), notes.clone()));
    given.take(MAX_EXTENSIONS).cloned().chain(notes).collect()
}

/// Whether an agent may use this extension key.
fn is_free(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !key.is_empty() && key.bytes().all(plain) && !key.starts_with(HOST_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(given: &[(&str, &str)], notes: Option<&str>) -> Vec<(String, String)> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        extensions(&Cart {
            extensions: given.iter().map(owned).collect(),
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
            ("gift-wrap", "true"),
            ("acme.note_2", "x"),
            ("tillhouse.notes", "forged"),
            ("tillhouse.", "x"),
            ("", "x"),
            ("Gift", "x"),
            ("gr\u{fc}n", "x"),
            ("a b", "x"),
        ];
        let passed = passed(&given, Some("Ring twice"));
        assert_eq!(keys(&passed), ["gift-wrap", "acme.note_2", "tillhouse.notes"]);
        assert_eq!(passed[2].1, "Ring twice");
    }

    #[test]
    fn extensions_are_bounded_in_number_and_bytes_and_notes_are_not_counted() {
        let names: Vec<String> = (10..30).map(|n| format!("k{n}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
        let notes = "n".repeat(5_000);
        let passed_on = passed(&many, Some(&notes));
        assert_eq!(passed_on.len(), MAX_EXTENSIONS + 1);
        assert_eq!(passed_on[MAX_EXTENSIONS].1, notes);

        let (fits, too_long) = ("v".repeat(MAX_EXTENSIONS_BYTES - 1), "v".repeat(MAX_EXTENSIONS_BYTES));
        assert_eq!(keys(&passed(&[("a", &too_long), ("b", "v")], None)), ["b"]);
        assert_eq!(keys(&passed(&[("a", &fits), ("b", "v")], None)), ["a"]);
    }
}
