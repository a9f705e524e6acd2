//! One step of a refund: the call, or the question what became of it.

use tracing::error;

use tillhouse_checkout::decision::{Operation, RefundLookup, RefundOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::refund::{Refund, RefundState, RefundStatus};
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Refunding;
use crate::refund_call::{Earlier, EarlierCall, RefundCall, WITHOUT_REFERENCE, declined_again};
use crate::settlement::Trigger;

impl Refunding {
    /// What was not sent is sent, see [`Self::send_first`]. What may have arrived is looked up, and made again, as the same operation and under the same key, only
    /// once the processor certainly does not know it and still recognizes the key.
    pub(super) async fn step(&self, refund: Refund) -> Result<(), CheckoutError> {
        if let Some((kind, why)) = self.obstacle(&refund) {
            return self.request_review(&refund, kind, &why, &Trigger::Recovery).await;
        }
        let Some(sent) = refund.state.sent() else {
            return Box::pin(self.send_first(refund)).await;
        };
        let earlier = EarlierCall {
            first: sent.first,
            last: sent.last,
        };
        match self.call(&refund).look_up(&self.context, earlier).await {
            Ok(Earlier::Found(outcome)) => self.settle(refund, outcome, &Trigger::Recovery).await,
            // The processor had it once, and does not know it now: that is looked at once more.
            Ok(Earlier::Repeat) if refund.status() == RefundStatus::Pending => {
                let why = "the processor no longer knows the refund that was pending";
                self.leave_unknown(&refund, why).await
            }
            Ok(Earlier::Repeat) => self.send(refund).await,
            Ok(Earlier::NotYet(why)) => self.leave_unknown(&refund, &why).await,
            Ok(Earlier::Impossible(why)) => self.request_unknown_review(&refund, &why).await,
            Err(error @ (CheckoutError::Conflict(_) | CheckoutError::Store(_))) => Err(error),
            Err(error) => self.leave_unknown(&refund, &error.to_string()).await,
        }
    }

    /// What the processor says of a refund now, whatever the host knows of it. For reconciliation.
    pub(crate) async fn look_up_again(&self, refund: &Refund) -> Result<RefundLookup, DecisionError> {
        if self.obstacle(refund).is_some() {
            return Err(DecisionError::Unsupported {
                plugin: "processor".to_owned(),
                function: "payments-refund.lookup-refund",
            });
        }
        let call = self.call(refund);
        let processor = &self.context.processor;
        processor
            .lookup_refund(call.scope, call.operation, call.charge, call.amount)
            .await
    }

    /// Why the processor must not be called: it is not the one that made the charge, or its plugin cannot refund any more.
    fn obstacle(&self, refund: &Refund) -> Option<(DiscrepancyKind, String)> {
        let processor = &self.context.processor;
        if refund.destination.is_some() && refund.destination != processor.destination(&refund.merchant) {
            let sent = refund.destination.as_deref().unwrap_or_default();
            let why = format!("the charge was made at {sent}, and the merchant has another processor now");
            return Some((DiscrepancyKind::ProcessorChanged, why));
        }
        let why = "the processor's plugin has no payments-refund any more";
        (!processor.capabilities(&refund.merchant).refund).then(|| (DiscrepancyKind::RefundUnknown, why.to_owned()))
    }

    /// Make the call. That it is about to be made is durable first; a host that has lost its lease does not get further.
    pub(super) async fn send(&self, refund: Refund) -> Result<(), CheckoutError> {
        let is_repeated = refund.state.sent().is_some();
        let until = self.context.latest_send();
        let sent = self.commit_sent(&refund, self.context.now()).await?;
        match self.call(&sent).make(&self.context, until).await {
            Ok(RefundOutcome::Declined(code)) if is_repeated => self.leave_unknown(&sent, &declined_again(&code)).await,
            Ok(outcome) => self.settle(sent, outcome, &Trigger::Recovery).await,
            // It may have arrived all the same.
            Err(error) => self.leave_unknown(&sent, &error.to_string()).await,
        }
    }

    /// Make durable that a call is made, or was made, at this time.
    pub(super) async fn commit_sent(&self, refund: &Refund, at: Timestamp) -> Result<Refund, CheckoutError> {
        let write = refund.sent(at);
        let sent = write.refund().clone();
        let unit = UnitOfWork {
            refund: Some(write),
            ..UnitOfWork::default()
        };
        self.context.store().commit(unit).await?;
        Ok(sent)
    }

    fn call<'a>(&self, refund: &'a Refund) -> RefundCall<'a> {
        let now = self.context.now();
        RefundCall {
            scope: PhaseScope {
                merchant: refund.merchant.clone(),
                session: refund.session.clone(),
                kind: PhaseKind::Payment,
                now,
                currency: refund.amount.currency,
                locale: None,
                time_zone: None,
                agent: Agent::default(),
                catalog: None,
                deadline: None,
            },
            operation: Operation {
                id: refund.id.to_string(),
                attempt: 1,
                idempotency_key: refund.key(),
                reference: refund.id.to_string(),
                now,
            },
            charge: &refund.charge,
            amount: refund.amount,
            reason: refund.reason.as_deref(),
        }
    }

    /// Commit what the processor says.
    pub(super) async fn settle(
        &self,
        refund: Refund,
        outcome: RefundOutcome,
        trigger: &Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        match outcome {
            RefundOutcome::Refunded(reference) if reference.is_empty() => {
                self.leave_unknown(&refund, WITHOUT_REFERENCE).await
            }
            RefundOutcome::Refunded(reference) => self.settle_done(refund, reference, trigger).await,
            RefundOutcome::Declined(code) => self.settle_declined(&refund, &code, trigger).await,
            RefundOutcome::Pending(reference) => {
                let now = self.context.now();
                let next = self.context.next_try(refund.retry.tries);
                let unit = UnitOfWork {
                    refund: Some(refund.pending(reference, now, next)),
                    ..UnitOfWork::default()
                };
                self.commit(unit).await
            }
            RefundOutcome::Unknown => {
                let why = "the processor does not know the outcome of the refund yet";
                self.leave_unknown(&refund, why).await
            }
        }
    }

    /// The outcome is not known; it is looked up after the next backoff. Time alone never ends a refund: after a while an operator has to
    /// look as well.
    async fn leave_unknown(&self, refund: &Refund, why: &str) -> Result<(), CheckoutError> {
        let now = self.context.now();
        if matches!(refund.state, RefundState::NeedsReview { .. }) {
            return self.request_unknown_review(refund, why).await;
        }
        let since = refund.state.unknown_since().unwrap_or(now);
        if now >= since.after(self.context.timings.review_after) {
            return self.request_unknown_review(refund, why).await;
        }
        let next = self.context.next_try(refund.retry.tries);
        let unit = UnitOfWork {
            refund: Some(refund.unknown(why, now, next)),
            ..UnitOfWork::default()
        };
        self.commit(unit).await
    }

    async fn request_unknown_review(&self, refund: &Refund, why: &str) -> Result<(), CheckoutError> {
        self.request_review(refund, DiscrepancyKind::RefundUnknown, why, &Trigger::Recovery)
            .await
    }

    /// An operator has to look. The host continues to ask, slowly: an answer of the processor settles it as well.
    pub(super) async fn request_review(
        &self,
        refund: &Refund,
        kind: DiscrepancyKind,
        why: &str,
        trigger: &Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        if refund.status() != RefundStatus::NeedsReview {
            error!(refund.id = %refund.id, kind = kind.as_str(), why, "refund needs review by an operator");
        }
        let now = self.context.now();
        let pause = self.context.timings.status_checks.last().copied().unwrap_or_default();
        let unit = UnitOfWork {
            refund: Some(refund.needs_review(why, now, now.after(pause))),
            discrepancy: Some(self.discrepancy(refund, kind, why)),
            ..UnitOfWork::default()
        };
        self.commit(trigger.add_to(unit)).await
    }
}
