//! The fields that every Stripe event has, and what is read of events about a token. The body is stored unparsed.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) livemode: bool,
    /// Of an event with a snapshot; not looked into unless the event is about a token.
    #[serde(default)]
    pub(crate) data: Value,
    /// Of an event without one.
    #[serde(default)]
    pub(crate) related_object: Value,
}

/// The granted token that an event is about, or the reference to it.
#[derive(Debug, Deserialize)]
pub(crate) struct GrantedToken {
    pub(crate) id: String,
    pub(crate) deactivated_at: Option<u64>,
    pub(crate) deactivated_reason: Option<String>,
}
