//! Stock: what there is, and what is set aside.

use serde::{Deserialize, Serialize};

use crate::cart::CartLine;
use crate::ids::{LineId, ReservationId};
use crate::time::Timestamp;

/// Stock of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The line.
    pub line: LineId,
    /// `in_stock`, `low_stock`, `out_of_stock`, `backorder` or `pre_order`.
    pub availability: String,
    /// Units that this cart could have; `None` where the item is not counted.
    pub available: Option<u64>,
}

/// Stock set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// What is set aside.
    pub lines: Vec<CartLine>,
    /// Set aside until then at the least; longer while its payment is not decided.
    pub expires: Timestamp,
}

/// Answer to a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// All of it is set aside.
    All,
    /// None of it is, because of these lines.
    Insufficient(Vec<Stock>),
}
