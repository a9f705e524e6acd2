//! Fingerprints of bodies: equal for bodies that are semantically equal JSON.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::JsonValue;

/// SHA-256 of the canonical form: sorted keys, exact numbers, arrays in order, and `null` distinct from a missing field.
///
/// ACP (RFC agentic checkout §6) suggests JCS (RFC 8785) for this; it is not used, because it rounds numbers to binary floats.
pub(crate) fn fingerprint(value: &JsonValue) -> [u8; 32] {
    // The text of a body with a card is wiped.
    let mut text = Zeroizing::new(String::new());
    write(value, &mut text);
    Sha256::digest(text.as_bytes()).into()
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
