//! What clients saw and what the ledgers say, and thirteen invariants over both.
//!
//! A [`History`] is recorded while hosts are used and killed: every operation with its response, and afterwards the ledgers of
//! the processor, Stripe, the shop, the receiver and the host. [`History::violations`] checks it in one pass; an operation
//! without a response may or may not have happened.

mod event;
mod index;
mod leaks;
mod ledgers;
mod money;
mod protocol;
mod stock;
#[cfg(test)]
mod tests;

use std::fmt;

pub use event::{Action, Event, EventKind, LineItem, Operation, Response, ShownCheckout, Status, Total};
pub use ledgers::{
    Attempt, Charge, Delivery, FinalState, Kept, Ledgers, OutsidePayment, Report, SearchedPlace, Secret, StockItem,
};

use index::Index;

/// A rule that must hold under crashes, races and timeouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// At most one captured charge per checkout; of payments that another party made, at most one pays the order.
    I1,
    /// A charge has exactly one order; a payment that another party made has one, or is a discrepancy for the operator.
    I2,
    /// An order has a charge of the same amount and currency.
    I3,
    /// Available stock is the initial stock less what was sold and what is reserved; it is never negative.
    I4,
    /// The same key with the same body gets the same response.
    I5,
    /// Statuses follow the allowed transitions, each has a cause, and final statuses do not change.
    I6,
    /// A charge has exactly one effective payment report.
    I7,
    /// An order that an agent bought at the host was announced by webhook at least once, always under the same event id.
    I8,
    /// Nothing stays in progress past its deadline, unless it waits for manual settlement.
    I9,
    /// A charge that reached the processor was recorded as `charging` before.
    I10,
    /// No secret and no card number is stored.
    I11,
    /// A merchant never reads another merchant's checkout.
    I12,
    /// Totals are integers and add up.
    I13,
}

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant that does not hold.
    pub invariant: Invariant,
    /// The checkout, charge, order, item or idempotency key concerned.
    pub subject: String,
    /// What was found instead, for people.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.invariant, self.subject, self.found)
    }
}

/// Everything recorded in a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Operations of clients, in the order in which they began and ended.
    pub events: Vec<Event>,
    /// The ledgers, as read after the run.
    pub ledgers: Ledgers,
}

impl History {
    /// Every violation; empty if all invariants hold. Linear in the length of the history, apart from sorting short lists.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let index = Index::of(self);
        let mut found = Violations::default();
        money::check(&index, &mut found);
        stock::check(&index, &mut found);
        protocol::check(&index, &mut found);
        leaks::check(&self.ledgers, &mut found);
        found.0
    }
}

#[derive(Debug, Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, invariant: Invariant, subject: &str, found: impl Into<String>) {
        self.0.push(Violation {
            invariant,
            subject: subject.to_owned(),
            found: found.into(),
        });
    }
}
