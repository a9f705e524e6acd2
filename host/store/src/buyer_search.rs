//! Searching stored bodies for a text, for both engines.

/// What an overwritten body of a received event says.
pub(crate) const ERASED: &str = r#"{"erased":true}"#;

/// The pattern of `LIKE` with the escape `\` that a JSON document matches if it contains the text.
pub(crate) fn pattern(text: &str) -> String {
    // As it is within a JSON string, without the quotes.
    let json = json_string(text);
    let within = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
    let mut pattern = String::from("%");
    for letter in within.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Names as they are written in JSON. An event is about a buyer if one of its strings is such a name, and not if it only contains one:
/// an address may be the end of another buyer's.
pub(crate) fn json_strings(names: &[String]) -> Vec<String> {
    names.iter().map(|name| json_string(name)).collect()
}

/// A text as it is written in JSON, with its quotes.
pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_text_is_matched_as_it_is_and_not_as_a_pattern() {
        assert_eq!(pattern("a_b%c@example.com"), r"%a\_b\%c@example.com%");
        assert_eq!(pattern(r#"a"b"#), r#"%a\\"b%"#, "as JSON escapes it");
    }
}
