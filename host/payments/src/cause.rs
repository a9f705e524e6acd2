//! Why an attempt comes to its end now: what is answered, received or written down in the same commit.

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::operation::Ask;
use tillhouse_checkout::unit::{InboxEvent, UnitOfWork};

/// The cause of a conclusion. Nothing at all for a worker that looked a charge up.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause<'a> {
    /// A request that waits for the answer.
    pub(super) ask: Option<&'a Ask>,
    /// A notice that says how it ended.
    pub(super) event: Option<InboxEvent>,
    /// A person who says how it ended.
    pub(super) audit: Option<AuditEntry>,
}

impl<'a> Cause<'a> {
    /// A request.
    pub(super) fn asked(ask: &'a Ask) -> Self {
        Self {
            ask: Some(ask),
            ..Self::default()
        }
    }

    /// A notice.
    pub(super) fn told(event: InboxEvent) -> Self {
        Self {
            event: Some(event),
            ..Self::default()
        }
    }

    /// A person.
    pub(super) fn settled(audit: AuditEntry) -> Self {
        Self {
            audit: Some(audit),
            ..Self::default()
        }
    }

    /// The unit, with what belongs to the cause.
    pub(super) fn mark(&self, unit: UnitOfWork) -> UnitOfWork {
        UnitOfWork {
            event: self.event.clone(),
            audit: self.audit.clone(),
            ..unit
        }
    }
}
