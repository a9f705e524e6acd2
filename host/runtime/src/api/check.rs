//! Limits of the contract that WIT cannot express: lengths of lists and strings in every result of a plugin.

/// Maximum length of an id, code, kind or reference, in bytes.
pub(crate) const ID: usize = 256;
/// Maximum length of a title, message or reason, in bytes.
pub(crate) const TEXT: usize = 1 << 10;
/// Maximum length of a description, in bytes: 5000 characters of the product feed.
pub(crate) const LONG_TEXT: usize = 20 << 10;
/// Maximum length of a URL, in bytes.
pub(crate) const URL: usize = 2 << 10;

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
/// Maximum number of events in one notice.
pub(crate) const EVENTS: usize = 100;
/// Maximum size of the response to a notice, in bytes.
pub(crate) const REPLY: usize = 64 << 10;

/// Check that a string has at most `limit` bytes. The error names the field, its length and the limit.
pub(crate) fn text(what: &str, text: String, limit: usize) -> Result<String, String> {
    if text.len() > limit {
        Err(format!("{what} has {} bytes; the limit is {limit}", text.len()))
    } else {
        Ok(text)
    }
}

/// Like [`text`], for an optional string.
pub(crate) fn optional(what: &str, value: Option<String>, limit: usize) -> Result<Option<String>, String> {
    value.map(|value| text(what, value, limit)).transpose()
}

/// Check that a string is not blank.
pub(crate) fn not_blank(what: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() {
        return Err(format!("{what} is blank"));
    }
    Ok(())
}

/// Check that an id is not blank and has at most [`ID`] bytes.
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
