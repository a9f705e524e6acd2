//! Why a change of an order is refused.

use crate::money::{Money, MoneyError};

/// Why a change of an order is refused. Nothing of it is applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Another change has this id.
    #[error("id: a change of the order has the id {0} already, with other content; use another id")]
    IdReused(String),
    /// The order has no such line.
    #[error("lines: the order has no line {line}; it has {}", .known.join(", "))]
    UnknownLine {
        /// Line that was named.
        line: String,
        /// Lines of the order.
        known: Vec<String>,
    },
    /// A line is named with no units.
    #[error("lines: line {0} has no units; name at least one, or leave the line out")]
    NoUnits(String),
    /// More units than there are.
    #[error("lines: line {line} has {left} units left to {action}, not {asked}")]
    TooManyUnits {
        /// Line that was named.
        line: String,
        /// What was to be done with them: `fulfill`, `cancel` or `return`.
        action: &'static str,
        /// Units that were named.
        asked: u64,
        /// Units that there are.
        left: u64,
    },
    /// Nothing is left for a change of the whole order.
    #[error("nothing of the order is left to {0}")]
    NothingLeft(&'static str),
    /// The order has no such fulfillment.
    #[error("fulfillment: the order has none with the id {id}; {}", listed(.known))]
    UnknownFulfillment {
        /// Id that was named.
        id: String,
        /// Ids of the fulfillments of the order.
        known: Vec<String>,
    },
    /// A known fulfillment or adjustment with another kind.
    #[error("kind: {id} is a {before} and cannot become a {after}; use another id")]
    OtherKind {
        /// Id of the fulfillment or the adjustment.
        id: String,
        /// The kind that it has.
        before: String,
        /// The kind that was named.
        after: String,
    },
    /// A fulfillment or an adjustment with an empty kind, status or id.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// The adjustments would move more money than was captured.
    #[error("amount: with this, {adjusted} would have gone back of {captured} that was captured")]
    MoreThanCaptured {
        /// Money of all adjustments together.
        adjusted: Money,
        /// What the order was paid with.
        captured: Money,
    },
    /// The currency is not that of the order.
    #[error("amount: the order is in {}, and the adjustment in {}", .captured.currency, .adjusted.currency)]
    Currency {
        /// Money of the adjustment.
        adjusted: Money,
        /// What the order was paid with.
        captured: Money,
    },
    /// The amounts add up to no amount.
    #[error("amount: {0}")]
    Sum(#[from] MoneyError),
    /// The order has as many of these as it may have.
    #[error("the order has {0} already, and may not have more")]
    TooMany(&'static str),
}

fn listed(known: &[String]) -> String {
    if known.is_empty() {
        "it has none yet".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    }
}
