//! Conversions from the domain to wire values, shared by the protocols.

use std::collections::BTreeMap;

use tillhouse_checkout::decision::Link;
use tillhouse_checkout::message::Message;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;

use super::settings::MerchantSettings;

/// A time as RFC 3339 in UTC: `2026-04-17T08:30:00Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    time.rfc3339()
}

/// The `content_type` of a message: `markdown`, or `plain` if it contains raw HTML, which the protocols forbid in Markdown.
pub(crate) fn content_type(message: &Message) -> &'static str {
    if message.markdown && !has_html(&message.text) {
        "markdown"
    } else {
        "plain"
    }
}

/// Whether `CommonMark` would parse an HTML tag, comment, declaration or processing instruction (`CommonMark` 0.31.2 §6.6).
fn has_html(text: &str) -> bool {
    let after = text.split('<').skip(1);
    after
        .filter_map(|rest| rest.chars().next())
        .any(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
}

/// Links to show: those of the plugin, or else those configured for the merchant.
pub(crate) fn links<'a>(session: &'a Session, merchant: &'a MerchantSettings) -> &'a [Link] {
    if session.quote.links.is_empty() {
        &merchant.links
    } else {
        &session.quote.links
    }
}

/// The kind of request that a session is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// A payment: complete or confirm. The order is shown as soon as it has an id, so that an agent can look it up even if it
    /// gets its response before the payment is made.
    Payment,
    /// Any other operation: create, update, retrieve or cancel.
    Other,
}

/// Text of the message that is shown while a payment is in progress; `None` otherwise.
pub(crate) fn in_progress_message(session: &Session) -> Option<&'static str> {
    matches!(session.state, SessionState::Committing { .. }).then_some("The payment is being processed.")
}

/// Metadata of texts, as an object.
pub(crate) fn text_pairs(pairs: &[(String, String)]) -> BTreeMap<&str, &str> {
    let pairs = pairs.iter();
    pairs.map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Parts per million as a fraction: 87500 is `0.0875`.
pub(crate) fn fraction(ppm: u32) -> f64 {
    f64::from(ppm) / 1_000_000.0
}

/// Parts per million as a percentage: 87500 is `8.75`.
pub(crate) fn percent(ppm: u32) -> f64 {
    f64::from(ppm) / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::message::Subject;

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(Timestamp(1_767_925_127_250)), "2026-01-09T02:18:47.25Z");
        assert!(rfc3339(Timestamp(u64::MAX)).starts_with("9999-12-30"));
    }

    #[test]
    fn markdown_with_raw_html_is_sent_as_plain_text() {
        for (text, expected) in [
            ("**bold** and 1 < 2", "markdown"),
            ("<script>alert(1)</script>", "plain"),
            ("a <!-- comment", "plain"),
            ("<https://example.com>", "plain"),
        ] {
            let message = Message {
                markdown: true,
                ..Message::info(Subject::Session, text)
            };
            assert_eq!(content_type(&message), expected, "{text}");
        }
    }
}
