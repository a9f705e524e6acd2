//! A new or changed attempt, as a unit of work commits it.

use super::{Attempt, AttemptStatus};
use crate::lease::LeaseHolder;

/// A new or changed attempt, as a transition such as [`Attempt::charging`] returns it.
#[derive(Clone, Debug)]
pub struct AttemptWrite {
    attempt: Attempt,
    replaces: Option<AttemptStatus>,
    leased_by: Option<LeaseHolder>,
}

impl AttemptWrite {
    /// A new attempt. The host that begins it leases it in the same commit; `None` leaves it to recovery.
    #[must_use]
    pub const fn new(attempt: Attempt, leased_by: Option<LeaseHolder>) -> Self {
        Self {
            attempt,
            replaces: None,
            leased_by,
        }
    }

    /// A change of an attempt in this status. The store refuses it if the stored attempt's status does not allow it.
    #[must_use]
    pub const fn replacing(attempt: Attempt, before: AttemptStatus) -> Self {
        Self {
            attempt,
            replaces: Some(before),
            leased_by: None,
        }
    }

    /// The attempt as it is to be stored.
    #[must_use]
    pub const fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The attempt as it is to be stored.
    #[must_use]
    pub fn into_attempt(self) -> Attempt {
        self.attempt
    }

    /// The status that it replaces; `None` for a new attempt.
    #[must_use]
    pub const fn replaces(&self) -> Option<AttemptStatus> {
        self.replaces
    }

    /// The host that leases a new attempt. A change keeps the lease that there is, unless it ends
    /// ([`Attempt::keeps_lease`]).
    #[must_use]
    pub const fn leased_by(&self) -> Option<&LeaseHolder> {
        self.leased_by.as_ref()
    }
}
