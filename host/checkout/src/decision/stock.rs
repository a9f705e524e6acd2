//! Stock: what is available, and what is reserved.

use serde::{Deserialize, Serialize};

use crate::cart::CartLine;
use crate::ids::{LineId, ReservationId};
use crate::time::Timestamp;

/// Stock of the item of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Line of the cart that was asked about.
    pub line: LineId,
    /// `in_stock`, `low_stock`, `out_of_stock`, `backorder` or `pre_order`.
    pub availability: String,
    /// Units that this cart could have; `None` if the merchant does not count the item.
    pub available: Option<u64>,
    /// When the item can be delivered from, if it is on backorder or pre-order.
    pub available_from: Option<Timestamp>,
}

/// Stock reserved for one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Id chosen by the host, equal to the attempt's id; the same id reserves only once.
    pub id: ReservationId,
    /// Lines of the cart, all of them reserved in full.
    pub lines: Vec<CartLine>,
    /// The stock stays reserved at least until then, and longer while the outcome of the payment is unknown.
    pub expires: Timestamp,
}

/// Answer of `inventory.reserve`: all lines or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReservationResult {
    /// Every line is reserved in full.
    All,
    /// Nothing is reserved, because these lines are short of stock.
    Insufficient(Vec<Stock>),
}
