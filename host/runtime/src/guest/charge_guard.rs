//! Guard of a charge: which requests it may send, how often, and the wire evidence of each.

use std::sync::Arc;

use super::limits::CHARGE_SENDS;
use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::decision::ProcessorIdempotency;
use tillhouse_checkout::ports::ChargeJournal;
use tillhouse_egress::EgressError;

/// Controls the requests of one `payments.charge` call.
pub(crate) struct ChargeGuard {
    journal: Arc<dyn ChargeJournal>,
    idempotency: Option<ProcessorIdempotency>,
    key: String,
    digest: Option<String>,
    sends: u32,
    wire: WireEvidence,
    unanswered_send: bool,
}

impl std::fmt::Debug for ChargeGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChargeGuard")
            .field("sends", &self.sends)
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

impl ChargeGuard {
    pub(crate) fn new(journal: Arc<dyn ChargeJournal>, idempotency: Option<ProcessorIdempotency>, key: String) -> Self {
        Self {
            journal,
            idempotency,
            key,
            digest: None,
            sends: 0,
            wire: WireEvidence::NothingSent,
            unanswered_send: false,
        }
    }

    /// Whether any send of the charge ended without a definite answer, even if a retry got one: the processor may still be
    /// working on the first.
    pub(crate) const fn unanswered_send(&self) -> bool {
        self.unanswered_send
    }

    /// Wire evidence of all sends of the charge together.
    pub(crate) const fn wire(&self) -> WireEvidence {
        self.wire
    }

    /// Name of the processor's idempotency header, and the idempotency key. `None` when the profile declares no idempotency.
    pub(crate) fn idempotency_header(&self) -> Option<(&str, &str)> {
        self.idempotency
            .as_ref()
            .map(|idempotency| (idempotency.header.as_str(), self.key.as_str()))
    }

    /// Admit a request that is not a `GET`. The first one is the charge: it is journaled before it may leave.
    ///
    /// # Errors
    /// When the request differs from the first, exceeds the number of sends, is a retry that the processor could not
    /// distinguish from a second charge, or cannot be journaled.
    pub(crate) async fn admit(&mut self, digest: String) -> Result<(), EgressError> {
        match &self.digest {
            None => {
                self.journal
                    .charging(&digest)
                    .await
                    .map_err(|_| EgressError::denied("the charge could not be recorded; nothing was sent"))?;
                self.digest = Some(digest);
            }
            Some(first) if *first != digest => {
                return Err(EgressError::denied(
                    "a charge may send one request and identical retries of it; this request differs from the first",
                ));
            }
            Some(_) if self.sends >= CHARGE_SENDS => {
                return Err(EgressError::denied(format!(
                    "a charge may send its request at most {CHARGE_SENDS} times, retries included"
                )));
            }
            Some(_) if self.idempotency.is_none() && self.wire.may_have_arrived() => {
                return Err(EgressError::denied(
                    "the processor's profile declares no idempotency; a charge that may have arrived cannot be retried",
                ));
            }
            Some(_) => {}
        }
        self.sends += 1;
        Ok(())
    }

    /// Merge the wire evidence of an admitted request. A retry that was not sent does not settle an earlier send whose outcome
    /// is unknown.
    pub(crate) fn record_evidence(&mut self, wire: WireEvidence) {
        self.unanswered_send |= wire.is_open();
        self.wire = match (self.wire, wire) {
            // The outcome that the plugin reports is about the last send that may have arrived.
            (_, WireEvidence::Answered) => wire,
            (WireEvidence::Answered, later) if later.is_open() => later,
            (before, later) => before.max(later),
        };
    }
}

/// Wire evidence of a complete response with this status.
///
/// A timeout, conflict, rate limit or server error does not say what became of the charge: it proves as little as a response
/// that broke off, and the outcome stays unknown.
pub(crate) const fn evidence_of(status: u16) -> WireEvidence {
    match status {
        408 | 409 | 425 | 429 | 500.. => WireEvidence::StatusLineSeen,
        _ => WireEvidence::Answered,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use tillhouse_checkout::ports::StoreError;
    use tillhouse_egress::EgressErrorKind;

    #[derive(Default)]
    struct Journal {
        written: Mutex<Vec<String>>,
        broken: bool,
    }

    #[async_trait]
    impl ChargeJournal for Journal {
        async fn charging(&self, digest: &str) -> Result<(), StoreError> {
            if self.broken {
                return Err(StoreError::new("disk full"));
            }
            self.written.lock().unwrap().push(digest.to_owned());
            Ok(())
        }
    }

    fn guard(journal: &Arc<Journal>, idempotent: bool) -> ChargeGuard {
        let idempotency = idempotent.then(|| ProcessorIdempotency {
            header: "Idempotency-Key".into(),
            key_life_s: 60,
            replays_errors: true,
        });
        let journal: Arc<dyn ChargeJournal> = Arc::clone(journal) as _;
        ChargeGuard::new(journal, idempotency, "key".into())
    }

    #[tokio::test]
    async fn the_charge_is_journaled_once_and_retried_at_most_twice() {
        let journal = Arc::new(Journal::default());
        let mut guard = guard(&journal, true);
        for _ in 0..CHARGE_SENDS {
            guard.admit("digest".into()).await.unwrap();
            guard.record_evidence(WireEvidence::FullRequest);
        }
        assert_eq!(
            guard.admit("digest".into()).await.unwrap_err().kind,
            EgressErrorKind::Denied
        );
        assert_eq!(*journal.written.lock().unwrap(), ["digest"]);
        assert_eq!(guard.idempotency_header(), Some(("Idempotency-Key", "key")));
    }

    #[tokio::test]
    async fn a_second_charge_with_another_body_is_refused() {
        let mut guard = guard(&Arc::new(Journal::default()), true);
        guard.admit("one".into()).await.unwrap();
        let error = guard.admit("two".into()).await.unwrap_err();
        assert_eq!(
            (error.kind, error.wire),
            (EgressErrorKind::Denied, WireEvidence::NothingSent)
        );
    }

    #[tokio::test]
    async fn a_charge_that_could_not_be_journaled_is_not_sent() {
        let journal = Arc::new(Journal {
            broken: true,
            ..Journal::default()
        });
        let mut guard = guard(&journal, true);
        guard.admit("one".into()).await.unwrap_err();
        assert_eq!(guard.wire(), WireEvidence::NothingSent);
    }

    #[tokio::test]
    async fn without_idempotency_only_a_charge_that_never_left_is_sent_again() {
        let mut guard = guard(&Arc::new(Journal::default()), false);
        guard.admit("one".into()).await.unwrap();
        guard.record_evidence(WireEvidence::NotConnected);
        guard.admit("one".into()).await.unwrap();
        guard.record_evidence(WireEvidence::FullRequest);
        guard.admit("one".into()).await.unwrap_err();
    }

    #[test]
    fn a_status_of_overload_or_server_error_is_not_definite() {
        for status in [408, 409, 425, 429, 500, 502, 503] {
            assert_eq!(evidence_of(status), WireEvidence::StatusLineSeen, "{status}");
        }
        for status in [200, 201, 202, 400, 402, 404, 422] {
            assert_eq!(evidence_of(status), WireEvidence::Answered, "{status}");
        }
    }

    #[test]
    fn a_send_without_a_response_leaves_the_outcome_unknown() {
        let mut guard = guard(&Arc::new(Journal::default()), true);
        for wire in WireEvidence::ALL.into_iter().filter(|wire| wire.nothing_left()) {
            guard.record_evidence(wire);
        }
        assert!(!guard.unanswered_send());
        guard.record_evidence(WireEvidence::FullRequest);
        guard.record_evidence(WireEvidence::Answered);
        assert!(guard.unanswered_send());
    }

    #[test]
    fn a_later_connection_failure_does_not_weaken_the_evidence() {
        let mut guard = guard(&Arc::new(Journal::default()), true);
        guard.record_evidence(WireEvidence::FullRequest);
        guard.record_evidence(WireEvidence::NotConnected);
        assert_eq!(guard.wire(), WireEvidence::FullRequest);
        guard.record_evidence(WireEvidence::Answered);
        assert_eq!(guard.wire(), WireEvidence::Answered);
        guard.record_evidence(WireEvidence::FullRequest);
        assert_eq!(guard.wire(), WireEvidence::FullRequest);
    }

    #[test]
    fn of_two_unanswered_sends_the_stronger_evidence_counts() {
        let mut guard = guard(&Arc::new(Journal::default()), true);
        guard.record_evidence(WireEvidence::StatusLineSeen);
        guard.record_evidence(WireEvidence::SomeBytesWritten);
        assert_eq!(guard.wire(), WireEvidence::StatusLineSeen);
    }
}
