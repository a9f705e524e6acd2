//! What has become of an order since it was placed.

use serde::{Deserialize, Serialize};

use super::change::{AppliedChange, Confirmation};
use super::lines::OrderedLine;
use super::status::OrderStatus;
use crate::decision::{Adjustment, Fulfillment};

/// What has become of an order since it was placed. The default is an order that nothing has happened to, as earlier releases of the host
/// stored it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProgress {
    /// Starts with 1 and grows by one with every change.
    pub revision: u64,
    /// Units that were ordered. Empty in an order that an earlier release of the host stored, until it is read with its session.
    #[serde(default)]
    pub lines: Vec<OrderedLine>,
    /// Parcels, pickups and downloads, oldest first. Each names its lines.
    #[serde(default)]
    pub fulfillments: Vec<Fulfillment>,
    /// Refunds, returns, credits and cancellations, oldest first.
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    /// Status that the merchant's own system reported; the parcels may be further.
    #[serde(default)]
    pub stated: Option<OrderStatus>,
    /// Confirmation by the merchant's own system.
    #[serde(default)]
    pub confirmation: Confirmation,
    /// Changes that were applied, oldest first: none is applied twice.
    #[serde(default)]
    pub applied: Vec<AppliedChange>,
}

impl Default for OrderProgress {
    fn default() -> Self {
        Self {
            revision: 1,
            lines: Vec::new(),
            fulfillments: Vec::new(),
            adjustments: Vec::new(),
            stated: None,
            confirmation: Confirmation::default(),
            applied: Vec::new(),
        }
    }
}
