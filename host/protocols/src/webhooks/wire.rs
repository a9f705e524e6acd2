//! The fields that every Stripe event has. The rest of the body is stored unparsed.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) livemode: bool,
}
