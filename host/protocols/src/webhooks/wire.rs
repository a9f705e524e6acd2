//! A Stripe event: the fields that every event has. Whatever else is in it is kept as it came.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) livemode: bool,
}
