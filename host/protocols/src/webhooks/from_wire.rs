//! A Stripe event to what is kept of it.

use super::wire;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::InboxEvent;

/// Longest id and longest type of an event; Stripe's are well below.
const MAX_NAME: usize = 255;

/// An event, and whether it is of live mode.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) event: InboxEvent,
    pub(crate) livemode: bool,
}

/// Read a body; `None` when it is no event.
pub(crate) fn event(merchant: &MerchantId, body: Vec<u8>, received: Timestamp) -> Option<Received> {
    let payload = String::from_utf8(body).ok()?;
    let event: wire::Event = serde_json::from_str(&payload).ok()?;
    let is_name = |text: &str| (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_name(&event.id) && is_name(&event.r#type)).then(|| Received {
        event: InboxEvent {
            source: format!("stripe:{merchant}"),
            id: event.id,
            merchant: merchant.clone(),
            kind: event.r#type,
            payload,
            received,
        },
        livemode: event.livemode,
    })
}
