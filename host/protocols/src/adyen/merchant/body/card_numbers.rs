//! Card numbers where none belong.

use crate::json::JsonValue;
use tillhouse_checkout::mask;

/// The value without everything in it that looks like a card number; `None` if it is one.
///
/// Adyen keeps cards from merchants. If a member has one nevertheless, it is nothing that may be stored, logged or shown to a plugin.
pub(super) fn without_card_numbers(value: &JsonValue) -> Option<JsonValue> {
    Some(match value {
        JsonValue::Null | JsonValue::Bool(_) => value.clone(),
        JsonValue::Number(number) => {
            let is_card = number.whole().is_some_and(|whole| is_card_number(&whole.to_string()));
            return (!is_card).then(|| value.clone());
        }
        JsonValue::Text(text) => return (!is_card_number(text)).then(|| value.clone()),
        JsonValue::List(values) => JsonValue::List(values.iter().filter_map(without_card_numbers).collect()),
        JsonValue::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !is_card_number(name));
            let kept = kept.filter_map(|(name, value)| Some((name.clone(), without_card_numbers(value)?)));
            JsonValue::Object(kept.collect())
        }
    })
}

/// Whether there is a card number anywhere in the text.
fn is_card_number(text: &str) -> bool {
    mask(text).contains("[card]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn a_card_number_is_left_out_wherever_it_stands() {
        let body =
            br#"{"type": "score", "number": 4242424242424242, "note": "pan 4242 4242 4242 4242", "4242424242424242": 1,
                        "list": [1, "5555-5555-5555-4444", {"pan": "378282246310005", "iin": "424242"}], "score": 80}"#;
        let kept = without_card_numbers(&parse(body).unwrap()).unwrap();
        let expected = br#"{"type": "score", "list": [1, {"iin": "424242"}], "score": 80}"#;
        assert_eq!(kept, parse(expected).unwrap());
        assert_eq!(without_card_numbers(&parse(b"4242424242424242").unwrap()), None);
    }
}
