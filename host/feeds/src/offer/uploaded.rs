//! What is remembered of an item that was uploaded.

use serde::{Deserialize, Serialize};

use super::Offer;

/// An item as it was last uploaded to a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedOffer {
    /// What the other party took; `None` if it never took the item.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Offer>,
    /// What it refused after that: the same is not sent again in an increment.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Offer>,
    /// What an upload says otherwise that was begun and is not known to have ended: it may have been taken.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Offer>,
    /// A promotion was taken, which offers nothing by itself.
    #[serde(rename = "p", default, skip_serializing_if = "is_false")]
    pub promotion: bool,
    /// How often its delete was refused, where it was never known to be there.
    #[serde(rename = "d", default, skip_serializing_if = "is_zero")]
    pub refused_deletes: u8,
}

const fn is_false(value: &bool) -> bool {
    !*value
}

const fn is_zero(value: &u8) -> bool {
    *value == 0
}

impl UploadedOffer {
    /// Whether the other party is known to have had it.
    #[must_use]
    pub const fn was_taken(&self) -> bool {
        self.taken.is_some() || self.promotion
    }

    /// Whether the other party may have another stock, and another price, than this.
    #[must_use]
    pub fn may_differ(&self, offer: &Offer) -> (bool, bool) {
        let Some(taken) = &self.taken else { return (true, true) };
        let known = || std::iter::once(taken).chain(&self.sent);
        (
            known().any(|known| !known.same_stock(offer)),
            known().any(|known| !known.same_price(offer)),
        )
    }

    /// The bytes that the store keeps.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Numbers and texts only: writing them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What the bytes say. What cannot be read was written by another release, and counts as not uploaded: it is sent again.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}
