//! Stripe events to inbox events, which the host stores.

mod feed_event;

use serde::Deserialize as _;
use serde_json::Value;

use super::wire;
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent, TokenDeactivation};
use tillhouse_checkout::time::Timestamp;

/// Maximum length of an event's id and type, in bytes; those of Stripe are much shorter.
const MAX_NAME: usize = 255;

/// Prefix of the types of events about granted tokens.
const ABOUT_TOKENS: &str = "shared_payment.granted_token.";

/// A received event, its `livemode` flag, the token that it reports as deactivated, and its object.
#[derive(Debug)]
pub(crate) struct ReceivedEvent {
    pub(crate) event: InboxEvent,
    pub(crate) livemode: bool,
    pub(crate) deactivated: Option<TokenDeactivation>,
    /// What it is about, as it was then; `null` if the event has no snapshot.
    pub(crate) object: Value,
    /// The import of a product feed that it is about.
    pub(crate) import: Option<String>,
}

/// Parse a body; `None` if it is not a Stripe event.
pub(crate) fn event(merchant: &MerchantId, body: Vec<u8>, received: Timestamp) -> Option<ReceivedEvent> {
    let payload = String::from_utf8(body).ok()?;
    let event: wire::Event = serde_json::from_str(&payload).ok()?;
    let is_name = |text: &str| (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_name(&event.id) && is_name(&event.r#type)).then(|| ReceivedEvent {
        deactivated: deactivation(&event),
        import: feed_event::import(&event),
        object: event.data.get("object").cloned().unwrap_or_default(),
        event: InboxEvent {
            source: EventSource::Stripe(merchant.clone()),
            id: event.id,
            merchant: merchant.clone(),
            kind: event.r#type,
            payload,
            received,
        },
        livemode: event.livemode,
    })
}

/// The token that an event reports as deactivated. The type may say so (`….deactivated`), or the token in it: other types, such as
/// `….used`, come with the token as it is then. `None` for every other event, and for one that names no token.
fn deactivation(event: &wire::Event) -> Option<TokenDeactivation> {
    let what = event.r#type.strip_prefix(ABOUT_TOKENS)?;
    let object = event.data.get("object").unwrap_or(&event.related_object);
    let token = wire::GrantedToken::deserialize(object).ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !(1..=MAX_NAME).contains(&token.id.len()) || !token.id.bytes().all(is_plain) {
        return None;
    }
    let reason = match (token.deactivated_reason, what) {
        (Some(reason), _) => reason,
        (None, "consumed" | "deactivated" | "expired" | "resolved" | "revoked") => what.to_owned(),
        (None, _) if token.deactivated_at.is_some() => "deactivated".to_owned(),
        (None, _) => return None,
    };
    Some(TokenDeactivation {
        token: TokenId::new(token.id),
        reason,
    })
}
