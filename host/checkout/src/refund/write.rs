//! A new or changed refund, as a unit of work commits it.

use super::{Refund, RefundStatus};
use crate::money::Amount;

/// What a new refund was admitted by. The store refuses the refund if any of it is not so any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundBasis {
    /// Revision of the order that was read.
    pub revision: u64,
    /// What all refunds of the order that hold money may be together: what it was paid with, less what went back by other ways.
    pub most: Amount,
}

/// A new refund, or a change of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundChange {
    /// A new refund of an order.
    New(RefundBasis),
    /// A change of a refund in this status.
    Of(RefundStatus),
}

/// A new or changed refund, as a transition such as [`Refund::sent`] returns it.
#[derive(Clone, Debug)]
pub struct RefundWrite {
    refund: Refund,
    change: RefundChange,
}

impl RefundWrite {
    /// A new refund. The store refuses it if the order has another revision, or if all refunds of the order that hold money were more
    /// than they may be.
    #[must_use]
    pub const fn new(refund: Refund, basis: RefundBasis) -> Self {
        Self {
            refund,
            change: RefundChange::New(basis),
        }
    }

    /// A change of a refund in this status. The store refuses it if the stored refund's status does not allow it.
    pub(super) const fn replacing(refund: Refund, before: RefundStatus) -> Self {
        Self {
            refund,
            change: RefundChange::Of(before),
        }
    }

    /// The refund as it is to be stored.
    #[must_use]
    pub const fn refund(&self) -> &Refund {
        &self.refund
    }

    /// The refund as it is to be stored.
    #[must_use]
    pub fn into_refund(self) -> Refund {
        self.refund
    }

    /// Whether it is a new refund, and of what it is a change otherwise.
    #[must_use]
    pub const fn change(&self) -> RefundChange {
        self.change
    }

    /// The status that it replaces; `None` for a new refund.
    #[must_use]
    pub const fn replaces(&self) -> Option<RefundStatus> {
        match self.change {
            RefundChange::New(_) => None,
            RefundChange::Of(before) => Some(before),
        }
    }

    /// Whether the change is one that a refund can make. The store refuses any other.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self.change {
            RefundChange::New(_) => self.refund.status() == RefundStatus::Asked && self.refund.epoch == 0,
            RefundChange::Of(before) => before.may_become(self.refund.status()),
        }
    }
}
