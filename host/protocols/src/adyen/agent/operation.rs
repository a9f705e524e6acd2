//! The operations that a POST of an agent may ask for.

use tillhouse_checkout::ids::SessionId;

/// An operation that changes a checkout, with the session's id.
#[derive(Clone, Debug)]
pub(crate) enum AgentOperation {
    Create,
    Update(SessionId),
    Complete(SessionId),
    Cancel(SessionId),
}

impl AgentOperation {
    pub(crate) const fn is_payment(&self) -> bool {
        matches!(self, Self::Complete(_))
    }

    /// The path below that of the sessions, within which an idempotency key is unique.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Create => String::new(),
            Self::Update(id) => format!("/{id}"),
            Self::Complete(id) => format!("/{id}/complete"),
            Self::Cancel(id) => format!("/{id}/cancel"),
        }
    }
}
