//! A new or changed refund, as a unit of work commits it.

use super::{Refund, RefundStatus};

/// A new or changed refund, as a transition such as [`Refund::sent`] returns it.
#[derive(Clone, Debug)]
pub struct RefundWrite {
    refund: Refund,
    replaces: Option<RefundStatus>,
}

impl RefundWrite {
    /// A new refund. The store refuses it if all refunds of the order that hold money were more than what the order was paid with.
    #[must_use]
    pub const fn new(refund: Refund) -> Self {
        Self { refund, replaces: None }
    }

    /// A change of a refund in this status. The store refuses it if the stored refund's status does not allow it.
    pub(super) const fn replacing(refund: Refund, before: RefundStatus) -> Self {
        Self {
            refund,
            replaces: Some(before),
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

    /// The status that it replaces; `None` for a new refund.
    #[must_use]
    pub const fn replaces(&self) -> Option<RefundStatus> {
        self.replaces
    }

    /// Whether the change is one that a refund can make. The store refuses any other.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self.replaces {
            None => self.refund.status() == RefundStatus::Asked && self.refund.epoch == 0,
            Some(before) => before.may_become(self.refund.status()),
        }
    }
}
