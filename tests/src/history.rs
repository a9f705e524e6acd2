//! What clients saw and what the books say, and the thirteen invariants over both (reliability reference §2).
//!
//! A [`History`] is recorded while a host is used and killed: every operation with its answer, and afterwards the books of
//! everybody concerned. [`History::violations`] reads it once; an operation without an answer may or may not have happened.

mod books;
mod event;
mod index;
mod leaks;
mod money;
mod protocol;
mod stock;
#[cfg(test)]
mod tests;

use std::fmt;

pub use books::{Attempt, Books, Charge, Delivery, Item, Look, Place, Report, Secret};
pub use event::{Action, Call, Event, Line, Seen, Shown, Status, Total, What};

use index::Index;

/// A rule that holds whatever crashes, races or times out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Captured charges per checkout: at most one.
    I1,
    /// A charge has an order, and exactly one.
    I2,
    /// An order has a charge of the same amount and currency.
    I3,
    /// Stock is what there was, less what was sold and what is held; never negative.
    I4,
    /// The same key with the same body has the same answer.
    I5,
    /// Statuses follow the allowed graph, each has a cause, and the final ones are final.
    I6,
    /// A charge has exactly one effective report.
    I7,
    /// An order was told of at least once, under one event id.
    I8,
    /// Nothing is live past its deadline without a person being asked.
    I9,
    /// A charge that reached the processor was recorded as charging before.
    I10,
    /// No secret and no card number at rest.
    I11,
    /// A merchant never reads another's checkout.
    I12,
    /// Totals add up, in integers.
    I13,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// The checkout, charge, item or key that it is about.
    pub subject: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.invariant, self.subject, self.found)
    }
}

/// Everything that was recorded.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What clients did, in the order in which it was done.
    pub events: Vec<Event>,
    /// What the books said afterwards.
    pub books: Books,
}

impl History {
    /// Every broken rule; none if all is well. Linear in the history, but for the sorting of few.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let index = Index::of(self);
        let mut found = Violations::default();
        money::check(&index, &mut found);
        stock::check(&index, &mut found);
        protocol::check(&index, &mut found);
        leaks::check(&self.books, &mut found);
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
