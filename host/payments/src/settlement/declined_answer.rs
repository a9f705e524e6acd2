//! The answer to a declined payment in a protocol that shows the session instead of an error.

use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyRecord, Reply};
use tillhouse_checkout::operation::{RenderFn, ResponseRecorder};
use tillhouse_checkout::session::Session;

/// How the session is rendered, and what it is recorded under.
#[derive(Clone)]
pub(super) struct DeclinedAnswer<'a> {
    render: &'a RenderFn,
    key: Option<&'a IdempotencyKey>,
}

impl<'a> DeclinedAnswer<'a> {
    /// The answer that a request gets; `None` if its protocol answers with an error.
    pub(super) fn of(recorder: &'a ResponseRecorder) -> Option<Self> {
        let key = recorder.key.as_ref();
        recorder.declined.as_ref().map(|render| Self { render, key })
    }

    pub(super) fn reply(&self, session: &Session) -> Reply {
        (self.render)(session)
    }

    pub(super) fn record(&self, reply: &Reply) -> Option<IdempotencyRecord> {
        self.key.map(|key| key.record(reply.clone()))
    }

    pub(super) const fn is_recorded(&self) -> bool {
        self.key.is_some()
    }

    /// The same answer for a key that is recorded already.
    pub(super) const fn not_recorded(self) -> Self {
        Self { key: None, ..self }
    }
}
