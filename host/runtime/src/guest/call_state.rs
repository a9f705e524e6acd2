//! State of a phase that each call borrows: staged data, network usage, credential.

use std::sync::Arc;

use super::charge_guard::ChargeGuard;
use super::staging::Staging;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::credential::Credential;

/// Network usage of a phase.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) calls: u32,
    pub(crate) used: bool,
    /// At least one request got a definite answer: status 2xx or 404.
    pub(crate) definite: bool,
    /// At least one request got an answer that can say that a void or refund was refused: a definite one, or status 4xx other than
    /// 408, 425 and 429. Processors refuse what conflicts with the state of a charge with 409.
    pub(crate) refusal: bool,
    /// At least one request that may act was sent and has no answer that says what became of it.
    pub(crate) unanswered: bool,
}

impl Traffic {
    /// What became of a request: its status, or the evidence of the wire where it has none. `acts` says that it may change something.
    pub(crate) const fn record(&mut self, acts: bool, answer: Result<u16, WireEvidence>) {
        let is_answered = match answer {
            Ok(status) => {
                self.record_answer(status);
                !matches!(status, 408 | 500..)
            }
            Err(wire) => !wire.may_have_arrived(),
        };
        self.unanswered |= acts && !is_answered;
    }

    const fn record_answer(&mut self, status: u16) {
        let is_definite = matches!(status, 200..=299 | 404);
        self.definite |= is_definite;
        self.refusal |= is_definite || matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429);
    }

    /// Whether the processor can have said that it refused: what an earlier request without an answer did is not known.
    pub(crate) const fn backs_decline(&self) -> bool {
        self.refusal && !self.unanswered
    }
}

/// State that a phase moves into the instance for one call and takes back afterwards.
#[derive(Debug)]
pub(crate) struct CallState {
    pub(crate) staging: Staging,
    pub(crate) traffic: Traffic,
    /// `Some` in `payments.charge` only.
    pub(crate) credential: Option<Arc<Credential>>,
    /// `Some` in `payments.charge` only. `None` there means that it was lost with a request in flight.
    pub(crate) charge: Option<ChargeGuard>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_after_a_request_without_an_answer_backs_no_decline() {
        for (acts, earlier, backs) in [
            (true, Ok(201), true),
            (true, Ok(409), true),
            (true, Ok(429), true),
            (true, Ok(408), false),
            (true, Ok(503), false),
            (true, Err(WireEvidence::FullRequest), false),
            (true, Err(WireEvidence::NotConnected), true),
            (false, Err(WireEvidence::FullRequest), true),
        ] {
            let mut traffic = Traffic::default();
            traffic.record(acts, earlier);
            traffic.record(true, Ok(402));
            assert_eq!(traffic.backs_decline(), backs, "{earlier:?}");
        }
    }

    #[test]
    fn overload_and_server_errors_back_neither_a_success_nor_a_refusal() {
        for (statuses, backs) in [
            (&[200, 201, 404][..], (true, true)),
            (&[400, 402, 409, 422], (false, true)),
            (&[302, 408, 425, 429, 500, 503], (false, false)),
        ] {
            for status in statuses {
                let mut traffic = Traffic::default();
                traffic.record_answer(*status);
                assert_eq!((traffic.definite, traffic.refusal), backs, "{status}");
            }
        }
    }
}
