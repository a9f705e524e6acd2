//! Stripe events to inbox events, which the host stores.

use super::wire;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::time::Timestamp;

/// Maximum length of an event's id and type, in bytes; those of Stripe are much shorter.
const MAX_NAME: usize = 255;

/// A received event, and its `livemode` flag.
#[derive(Debug)]
pub(crate) struct ReceivedEvent {
    pub(crate) event: InboxEvent,
    pub(crate) livemode: bool,
}

/// Parse a body; `None` if it is not a Stripe event.
pub(crate) fn event(merchant: &MerchantId, body: Vec<u8>, received: Timestamp) -> Option<ReceivedEvent> {
    let payload = String::from_utf8(body).ok()?;
    let event: wire::Event = serde_json::from_str(&payload).ok()?;
    let is_name = |text: &str| (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_name(&event.id) && is_name(&event.r#type)).then(|| ReceivedEvent {
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
