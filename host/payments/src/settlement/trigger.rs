//! What triggered a settlement, and what must be committed with it: the HTTP response, the inbox event or the audit entry.

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::operation::ResponseRecorder;
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// What triggered a settlement.
#[derive(Clone, Debug)]
pub(crate) enum Trigger<'a> {
    /// A request waits for the answer, and its response is recorded in the same commit.
    Request(&'a ResponseRecorder),
    /// The processor sent an event that says the outcome.
    ProcessorEvent(InboxEvent),
    /// An operator says the outcome.
    Operator(AuditEntry),
    /// The recovery worker found the outcome.
    Recovery,
}

impl<'a> Trigger<'a> {
    /// How the response of the waiting request is rendered and recorded.
    pub(crate) const fn recorder(&self) -> Option<&'a ResponseRecorder> {
        match self {
            Self::Request(recorder) => Some(recorder),
            Self::ProcessorEvent(_) | Self::Operator(_) | Self::Recovery => None,
        }
    }

    /// The unit, with the event or the audit entry that belongs to the trigger.
    pub(crate) fn add_to(&self, unit: UnitOfWork) -> UnitOfWork {
        match self {
            Self::ProcessorEvent(event) => UnitOfWork {
                event: Some(event.clone()),
                ..unit
            },
            Self::Operator(audit) => UnitOfWork {
                audit: Some(audit.clone()),
                ..unit
            },
            Self::Request(_) | Self::Recovery => unit,
        }
    }
}
