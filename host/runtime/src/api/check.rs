//! What the contract bounds and WIT cannot: lengths of lists and texts, in every answer of a plugin.

/// Longest id, code, kind or reference, in bytes.
pub(crate) const ID: usize = 256;
/// Longest title, message or reason, in bytes.
pub(crate) const TEXT: usize = 1 << 10;
/// Longest description, in bytes: 5000 characters of the feed.
pub(crate) const LONG_TEXT: usize = 20 << 10;
/// Longest URL, in bytes.
pub(crate) const URL: usize = 2 << 10;

/// Most lines.
pub(crate) const LINES: usize = 200;
/// Most fulfillment options.
pub(crate) const OPTIONS: usize = 50;
/// Most discount codes.
pub(crate) const CODES: usize = 20;
/// Most fees.
pub(crate) const FEES: usize = 20;
/// Most discounts.
pub(crate) const DISCOUNTS: usize = 100;
/// Most messages.
pub(crate) const MESSAGES: usize = 50;
/// Most links, images and parts of a tax.
pub(crate) const FEW: usize = 50;

/// A text of at most this many bytes.
pub(crate) fn text(what: &str, text: String, limit: usize) -> Result<String, String> {
    if text.len() > limit {
        Err(format!("{what} has {} bytes; the limit is {limit}", text.len()))
    } else {
        Ok(text)
    }
}

/// The same, if there is one.
pub(crate) fn optional(what: &str, value: Option<String>, limit: usize) -> Result<Option<String>, String> {
    value.map(|value| text(what, value, limit)).transpose()
}

/// A list of at most this many items, each converted.
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
