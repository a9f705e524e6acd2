//! Fingerprints of bodies: equal for bodies that are semantically equal JSON.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::JsonValue;
use tillhouse_checkout::truncate_cards;

/// SHA-256 of the canonical form: sorted keys, exact numbers, arrays in order, and `null` distinct from a missing field.
///
/// ACP (RFC agentic checkout §6) suggests JCS (RFC 8785) for this; it is not used, because it rounds numbers to binary floats.
///
/// A body that is not expected to have a card number may have one nevertheless, in any text or number. The fingerprint is kept, so that it
/// is not of the whole number.
pub(crate) fn fingerprint(value: &JsonValue) -> [u8; 32] {
    let text = canonical(value);
    Sha256::digest(truncate_cards(&text).as_bytes()).into()
}

/// The same with whole card numbers: for a body that is there to have one. It may be kept only if it is keyed.
pub(crate) fn fingerprint_with_cards(value: &JsonValue) -> [u8; 32] {
    Sha256::digest(canonical(value).as_bytes()).into()
}

/// The text of a body with a card is wiped.
fn canonical(value: &JsonValue) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    write(value, &mut text);
    text
}

/// The fingerprint of a request without a body: the hash of no bytes, which no JSON text has.
pub(crate) fn fingerprint_of_nothing() -> [u8; 32] {
    Sha256::digest(b"").into()
}

fn write(value: &JsonValue, out: &mut String) {
    match value {
        JsonValue::Null => out.push_str("null"),
        JsonValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        JsonValue::Number(number) => out.push_str(&number.to_string()),
        JsonValue::Text(text) => quote(text, out),
        JsonValue::List(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                separate(index, out);
                write(value, out);
            }
            out.push(']');
        }
        JsonValue::Object(fields) => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                separate(index, out);
                quote(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// Escapes only what would make the canonical form ambiguous.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn of(body: &str) -> [u8; 32] {
        fingerprint(&parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn bodies_that_mean_the_same_have_one_fingerprint() {
        assert_eq!(
            of(r#"{"a":1,"b":[true,null]}"#),
            of("{ \"b\" : [true, null], \"a\" : 1.0 }")
        );
        assert_eq!(of(r#""\u00e9\/""#), of("\"é/\""));
    }

    /// All numbers of one bank with the same last digits have one fingerprint: it cannot be of the whole number.
    #[test]
    fn a_fingerprint_that_is_kept_has_no_card_number_in_it() {
        for body in [
            r#"{"metadata": {"note": "pan CARD"}}"#,
            r#"{"CARD": 1}"#,
            r#"{"score": CARD}"#,
            r#"["CARD"]"#,
        ] {
            let with = |number: &str| body.replace("CARD", number);
            let (first, second) = (with("4242424242424242"), with("4242420000004242"));
            assert_eq!(of(&first), of(&second), "{body}");
            assert_ne!(of(&first), of(&with("4111111111111111")), "{body}");
            let whole = |body: &str| fingerprint_with_cards(&parse(body.as_bytes()).unwrap());
            assert_ne!(whole(&first), whole(&second), "{body}");
        }
    }

    #[test]
    fn bodies_that_differ_do_not_share_one() {
        let bodies = [
            r#"{"a":null}"#,
            "{}",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            "[1,2]",
            "[2,1]",
            "[12]",
            r#"{"a":"\",\"b\":\""}"#,
            r#"{"a":"","b":""}"#,
            "9007199254740992",
            "9007199254740993",
        ];
        let prints: std::collections::HashSet<_> = bodies.iter().map(|body| of(body)).collect();
        assert_eq!(prints.len(), bodies.len());
    }
}
