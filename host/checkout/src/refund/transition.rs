//! The transitions of a refund. Each returns the write that commits it.

use super::state::{RefundState, SentRefund};
use super::{Refund, RefundWrite};
use crate::attempt::RetrySchedule;
use crate::time::Timestamp;

impl Refund {
    /// The call is about to be made. A repeated call keeps the time of the first.
    #[must_use]
    pub fn sent(&self, now: Timestamp) -> RefundWrite {
        let before = self.state.sent();
        let sent = SentRefund {
            first: before.map_or(now, |sent| sent.first),
            last: now,
            reference: before.and_then(|sent| sent.reference.clone()),
        };
        self.becomes(RefundState::Sent(sent), self.tried(None))
    }

    /// The processor has it, under this reference, and decides later. An empty reference names nothing, and does not replace another.
    #[must_use]
    pub fn pending(&self, reference: String, now: Timestamp, next: Timestamp) -> RefundWrite {
        let call = self.call(now);
        let sent = SentRefund {
            reference: Some(reference).filter(|it| !it.is_empty()).or(call.reference),
            ..call
        };
        self.becomes(RefundState::Pending { sent }, self.tried(Some(next)))
    }

    /// The outcome is not known, or is still not.
    #[must_use]
    pub fn unknown(&self, reason: impl Into<String>, now: Timestamp, next: Timestamp) -> RefundWrite {
        let state = RefundState::Unknown {
            sent: self.call(now),
            since: self.state.unknown_since().unwrap_or(now),
            reason: reason.into(),
        };
        self.becomes(state, self.tried(Some(next)))
    }

    /// The store is behind: until now, the call may have been made.
    #[must_use]
    pub fn restored(&self, reason: impl Into<String>, now: Timestamp) -> RefundWrite {
        let sent = SentRefund {
            first: self.state.sent().map_or(self.asked, |sent| sent.first),
            last: now,
            reference: self.state.reference().map(str::to_owned),
        };
        let state = RefundState::Unknown {
            sent,
            since: now,
            reason: reason.into(),
        };
        self.becomes(state, RetrySchedule::default())
    }

    /// An operator has to look, and the processor is asked again at `next`.
    #[must_use]
    pub fn needs_review(&self, reason: impl Into<String>, now: Timestamp, next: Timestamp) -> RefundWrite {
        let state = RefundState::NeedsReview {
            sent: self.state.sent().cloned(),
            since: self.state.unknown_since().unwrap_or(now),
            reason: reason.into(),
        };
        self.becomes(state, self.tried(Some(next)))
    }

    /// The money went back, under this reference of the processor.
    #[must_use]
    pub fn done(&self, reference: impl Into<String>, now: Timestamp) -> RefundWrite {
        let state = RefundState::Done {
            reference: reference.into(),
            settled: now,
        };
        self.becomes(state, self.over())
    }

    /// The money did not go back and will not.
    #[must_use]
    pub fn declined(&self, code: impl Into<String>, now: Timestamp) -> RefundWrite {
        let state = RefundState::Declined {
            code: code.into(),
            settled: now,
        };
        self.becomes(state, self.over())
    }

    /// The call that may have been made; one of now, if none is known.
    fn call(&self, now: Timestamp) -> SentRefund {
        let sent = self.state.sent().cloned();
        sent.unwrap_or(SentRefund {
            first: now,
            last: now,
            reference: None,
        })
    }

    fn tried(&self, next: Option<Timestamp>) -> RetrySchedule {
        RetrySchedule {
            tries: self.retry.tries + u32::from(next.is_some()),
            next,
        }
    }

    const fn over(&self) -> RetrySchedule {
        RetrySchedule {
            tries: self.retry.tries,
            next: None,
        }
    }

    fn becomes(&self, state: RefundState, retry: RetrySchedule) -> RefundWrite {
        let next = Self {
            state,
            retry,
            ..self.clone()
        };
        RefundWrite::replacing(next, self.status())
    }
}
