//! Which of the messages that are due a worker wants.

use crate::ids::MerchantId;
use crate::outbox::{DeliveryLane, MessageClass};

/// Selects messages of the outbox to deliver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageSelection {
    /// Most messages at a time.
    pub limit: usize,
    /// Only messages of this class; `None` for all.
    pub class: Option<MessageClass>,
    /// Only messages of this lane; `None` for all.
    pub lane: Option<DeliveryLane>,
    /// No messages of these merchants.
    pub except_merchants: Vec<MerchantId>,
    /// No messages of these lanes.
    pub except_lanes: Vec<DeliveryLane>,
}

impl MessageSelection {
    /// Messages of every merchant and lane.
    #[must_use]
    pub fn of_all(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }
}
