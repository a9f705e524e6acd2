//! Limits of the contract that WIT cannot express: lengths of lists, lengths and characters of strings, in every result of a plugin.

use tillhouse_checkout::places::Country;
use tillhouse_checkout::text::{TextForm, is_blank};

/// What a string of a plugin may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StringLimit {
    /// Maximum length, in bytes.
    pub(crate) bytes: usize,
    /// Which characters it may have.
    form: TextForm,
}

const fn at_most(bytes: usize, form: TextForm) -> StringLimit {
    StringLimit { bytes, form }
}

/// An id, code, kind or reference.
pub(crate) const ID: StringLimit = at_most(256, TextForm::Exact);
/// A title, message or reason.
pub(crate) const TEXT: StringLimit = at_most(1 << 10, TextForm::Lines);
/// A description: 5000 characters of the product feed.
pub(crate) const LONG_TEXT: StringLimit = at_most(20 << 10, TextForm::Lines);
/// A URL of a page or an image, or one that a buyer is sent to.
pub(crate) const URL: StringLimit = at_most(2 << 10, TextForm::Exact);

/// Maximum number of lines of a cart.
pub(crate) const LINES: usize = 200;
/// Maximum number of fulfillment options.
pub(crate) const OPTIONS: usize = 50;
/// Maximum number of rejected discount codes.
pub(crate) const CODES: usize = 20;
/// Maximum number of fees.
pub(crate) const FEES: usize = 20;
/// Maximum number of discounts.
pub(crate) const DISCOUNTS: usize = 100;
/// Maximum number of targets of a discount: every line and option, the order, and fulfillment as a whole.
pub(crate) const TARGETS: usize = LINES + OPTIONS + 2;
/// Maximum number of messages, and of diagnostics of a configuration.
pub(crate) const MESSAGES: usize = 50;
/// Maximum number of links, images, consents, and parts or rates of a tax.
pub(crate) const FEW: usize = 50;
/// A key of metadata (<https://docs.stripe.com/api/metadata>, as the next two).
pub(crate) const METADATA_KEY: StringLimit = at_most(40, TextForm::Exact);
/// A value of metadata.
pub(crate) const METADATA_VALUE: StringLimit = at_most(500, TextForm::Lines);
/// Maximum number of pairs of metadata.
pub(crate) const METADATA: usize = 50;
/// Maximum number of events in one notice.
pub(crate) const EVENTS: usize = 100;
/// Maximum size of the response to a notice, in bytes.
pub(crate) const REPLY: usize = 64 << 10;

/// Check the length and the characters of a string. The error names the field, and its length and the limit, or the character. What
/// is shown loses the characters that change the direction of text.
pub(crate) fn text(what: &str, text: String, limit: StringLimit) -> Result<String, String> {
    let StringLimit { bytes, form } = limit;
    if text.len() > bytes {
        return Err(format!("{what} has {} bytes; the limit is {bytes}", text.len()));
    }
    match form.read(&text) {
        Ok(read) if read == text => Ok(text),
        Ok(read) => Ok(read.into_owned()),
        Err(error) => Err(format!("{what} {error}")),
    }
}

/// Like [`text`], for an optional string.
pub(crate) fn optional(what: &str, value: Option<String>, limit: StringLimit) -> Result<Option<String>, String> {
    value.map(|value| text(what, value, limit)).transpose()
}

/// Check that a string is not blank.
pub(crate) fn not_blank(what: &str, value: &str) -> Result<(), String> {
    if is_blank(value) {
        return Err(format!("{what} is blank"));
    }
    Ok(())
}

/// Check that a string is empty, or the code of a country and no other name of it.
pub(crate) fn country(what: &str, code: String) -> Result<String, String> {
    let code = text(what, code, ID)?;
    match code.parse::<Country>() {
        _ if code.is_empty() => Ok(code),
        Ok(country) if country.code() == code => Ok(code),
        Ok(country) => Err(format!(
            "{what} is {code:?}; the code of this country is {}",
            country.code()
        )),
        Err(unknown) => Err(format!("{what} is {code:?}; it {unknown}")),
    }
}

/// Check that an id is not blank and keeps the limit [`ID`].
pub(crate) fn id(what: &str, value: String) -> Result<String, String> {
    not_blank(what, &value)?;
    text(what, value, ID)
}

/// Check that a string is an absolute http or https URL.
pub(crate) fn web_url(what: &str, url: String) -> Result<String, String> {
    let url = text(what, url, URL)?;
    if url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Ok(url)
    } else {
        Err(format!("{what} {url:?} is not an absolute http or https URL"))
    }
}

/// Like [`web_url`], for an optional string.
pub(crate) fn optional_web_url(what: &str, url: Option<String>) -> Result<Option<String>, String> {
    url.map(|url| web_url(what, url)).transpose()
}

/// Check that a list has at most `limit` items, and convert each item.
pub(crate) fn list<A, B>(
    what: &str,
    items: Vec<A>,
    limit: usize,
    convert: impl FnMut(A) -> Result<B, String>,
) -> Result<Vec<B>, String> {
    if items.len() > limit {
        return Err(format!("{what} has {} items; the limit is {limit}", items.len()));
    }
    items.into_iter().map(convert).collect()
}

/// Check metadata for the agent: pairs of a key, each once, and a value. A key has no brackets, as Stripe asks, and is not one of
/// the host's own.
pub(crate) fn metadata(what: &str, pairs: Vec<(String, String)>) -> Result<Vec<(String, String)>, String> {
    let mut keys = std::collections::BTreeSet::new();
    for (key, _) in &pairs {
        if key.is_empty() || key.starts_with("tillhouse.") || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "{what} has the key {key:?}; use printable ASCII that does not begin with \"tillhouse.\""
            ));
        }
        if key.contains(['[', ']']) {
            return Err(format!("{what} has the key {key:?}; leave out the brackets"));
        }
        if !keys.insert(key) {
            return Err(format!("{what} has the key {key:?} twice"));
        }
    }
    list(what, pairs, METADATA, |(key, value)| {
        let value = text(&format!("{what} {key:?}"), value, METADATA_VALUE)?;
        Ok((text(&format!("a key of {what}"), key, METADATA_KEY)?, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn no_string_of_a_plugin_has_control_characters_and_the_field_is_named() {
        for limit in [ID, TEXT, LONG_TEXT, URL] {
            for control in ["\0", "\u{1b}[31m", "\u{7f}", "\u{9b}"] {
                let error = text("option.title", format!("Express{control}"), limit).unwrap_err();
                assert!(
                    error.starts_with("option.title must not contain control characters"),
                    "{error}"
                );
            }
        }
        assert_eq!(text("text", "a\r\n\tb".into(), TEXT), Ok("a\r\n\tb".to_owned()));
        assert!(text("option.id", "a\nb".into(), ID).is_err());
    }

    #[test]
    fn what_is_shown_loses_what_turns_it_around_and_an_id_is_refused() {
        assert_eq!(
            text("title", "\u{202e}Express\u{202c}".into(), TEXT),
            Ok("Express".to_owned())
        );
        let error = text("option.id", "std\u{202e}".into(), ID).unwrap_err();
        assert!(
            error.starts_with("option.id must not contain") && error.contains("U+202E"),
            "{error}"
        );
        assert_eq!(not_blank("name", "\u{200b}\u{a0}"), Err("name is blank".to_owned()));
    }

    #[test]
    fn a_country_is_its_assigned_code() {
        for code in ["", "GB", "XK"] {
            assert_eq!(country("country", code.into()), Ok(code.to_owned()));
        }
        for (code, told) in [
            ("UK", "is GB"),
            ("gb", "is GB"),
            ("ZZ", "ISO 3166-1"),
            ("USA", "ISO 3166-1"),
            ("EU", "ISO 3166-1"),
        ] {
            let error = country("place.address.country", code.into()).unwrap_err();
            assert!(
                error.starts_with("place.address.country") && error.contains(told),
                "{error}"
            );
        }
    }

    #[test]
    fn metadata_keeps_its_order_and_its_keys() {
        let pairs = vec![pair("warehouse", "east"), pair("acme.note_2", "")];
        assert_eq!(metadata("extensions", pairs.clone()), Ok(pairs));
    }

    #[test]
    fn metadata_beyond_the_limits_is_refused_by_its_key() {
        let many = (0..=METADATA).map(|index| pair(&format!("k{index}"), "x")).collect();
        for (pairs, error) in [
            (vec![pair("", "x")], "has the key \"\""),
            (vec![pair("tillhouse.order", "x")], "\"tillhouse.order\""),
            (vec![pair("a b", "x")], "\"a b\""),
            (vec![pair("a[b]", "x")], "brackets"),
            (vec![pair("a", "x"), pair("a", "y")], "twice"),
            (vec![pair(&"k".repeat(METADATA_KEY.bytes + 1), "x")], "the limit is 40"),
            (
                vec![pair("a", &"x".repeat(METADATA_VALUE.bytes + 1))],
                "the limit is 500",
            ),
            (many, "the limit is 50"),
        ] {
            let refused = metadata("extensions", pairs).unwrap_err();
            assert!(refused.contains(error), "{refused}");
        }
    }
}
