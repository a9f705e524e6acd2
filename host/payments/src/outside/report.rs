//! What another party reports of a payment that it took: the transition table of a payment that is made elsewhere.
//!
//! Money that was paid is never lost: it makes the order, or it is a discrepancy for the operator.

use std::time::Duration;

use tracing::{error, info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, Paid};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::outside_payment::{OutsidePayment, OutsideResult};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::expired_hold::NOT_REPORTED;
use super::refused_hold::RefusedHold;
use super::{MAX_ROUNDS, OutsidePayments};
use crate::settlement::{Ending, Trigger};

/// How often a busy attempt is tried to be leased in each round, and the pause between the tries.
const LEASE_TRIES: u32 = 5;
const LEASE_PAUSE: Duration = Duration::from_millis(20);

/// A report, and the event that brought it, if one did.
pub(super) struct Reported<'a> {
    pub(super) payment: &'a OutsidePayment,
    pub(super) event: Option<InboxEvent>,
    /// Whether a payment of a checkout that is unknown here is for the operator.
    pub(super) reports_unknown: bool,
}

impl Reported<'_> {
    pub(super) fn trigger(&self) -> Trigger<'static> {
        self.event.clone().map_or(Trigger::Recovery, Trigger::ProcessorEvent)
    }

    fn paid(&self) -> Paid {
        let reference = self.payment.reference.clone();
        reference.map_or(Paid::Unreferenced, Paid::Charge)
    }

    /// What the operator may find the payment by.
    pub(super) fn named(&self) -> String {
        let reference = self.payment.reference.as_ref();
        reference.map_or_else(|| self.payment.session.to_string(), ToString::to_string)
    }
}

impl OutsidePayments {
    /// Take the word of another party for what became of a payment. Repeated, it changes nothing.
    ///
    /// # Errors
    /// [`CheckoutError::PaidAfterEnd`], [`CheckoutError::PaidAmountDiffers`] or [`CheckoutError::PaymentOfAnother`] where the payment
    /// makes no order: the operator has it then, durably. Any other error means that the report has to come again.
    pub async fn finalize(&self, report: OutsidePayment) -> Result<(), CheckoutError> {
        let reported = Reported {
            payment: &report,
            event: None,
            reports_unknown: true,
        };
        Box::pin(self.take(&reported)).await
    }

    /// Take a report, with its event in the commit of whatever follows from it.
    pub(super) async fn take(&self, reported: &Reported<'_>) -> Result<(), CheckoutError> {
        let mut last = CheckoutError::InFlight;
        for _ in 0..MAX_ROUNDS {
            match Box::pin(self.take_once(reported)).await {
                Ok(Taken::Done) => return Ok(()),
                Ok(Taken::LookAgain) => {}
                // Another operation was faster.
                Err(error) if is_about_other_requests(&error) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    async fn take_once(&self, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        let payment = reported.payment;
        let found = self.context.checkout.retrieve(&payment.caller, &payment.session);
        let session = match found.await {
            Err(unknown @ CheckoutError::UnknownSession(_)) => return self.keep_unknown(reported, unknown).await,
            found => found?,
        };
        match (&session.state, &payment.result) {
            (SessionState::Held { attempt, .. }, result) => {
                let attempt = self.attempt(attempt).await?;
                match result {
                    OutsideResult::Paid => self.settle_held(session, attempt, reported).await,
                    OutsideResult::Refused(why) | OutsideResult::Over(why) => {
                        self.refuse_held(session, attempt, why, reported).await
                    }
                    OutsideResult::Pending(time) => self.hold_longer(session, attempt, *time, reported).await,
                }
            }
            (SessionState::Open, OutsideResult::Paid) => self.begin_of_open(&session, reported).await,
            (SessionState::Completed { order }, _) => self.compare(order, reported).await,
            (SessionState::Canceled | SessionState::Expired, OutsideResult::Paid) => {
                let state = session.state.name();
                let detail = format!("a payment is reported of a checkout session that is {state}");
                // What was held before leads the operator from the session to its payment.
                let attempts = self.context.store().attempts_of(&session.merchant, &session.id).await?;
                self.keep(reported, attempts.last(), DiscrepancyKind::PaidAfterEnd, &detail)
                    .await?;
                Err(CheckoutError::PaidAfterEnd { state })
            }
            // The host takes a payment itself: what became of that is known soon.
            (SessionState::Committing { .. } | SessionState::AuthenticationRequired { .. }, OutsideResult::Paid) => {
                Err(CheckoutError::InFlight)
            }
            (_, OutsideResult::Refused(why) | OutsideResult::Over(why)) => {
                info!(session.id = %session.id, why, "a payment that is not expected was refused elsewhere");
                self.keep_event(reported).await
            }
            (_, OutsideResult::Pending(_)) => {
                warn!(session.id = %session.id, "a payment is under way elsewhere, and nothing is held for it");
                self.keep_event(reported).await
            }
        }
    }

    /// A payment of a session that is not in the store: it was deleted, or never stored here. The money is not lost with it.
    async fn keep_unknown(&self, reported: &Reported<'_>, unknown: CheckoutError) -> Result<Taken, CheckoutError> {
        if reported.payment.result == OutsideResult::Paid && reported.reports_unknown {
            let session = &reported.payment.session;
            let detail = format!("a payment is reported of the checkout session {session}, which is unknown here");
            self.keep(reported, None, DiscrepancyKind::ChargedElsewhere, &detail)
                .await?;
        }
        Err(unknown)
    }

    /// The payment that the session is held for.
    async fn settle_held(
        &self,
        session: Session,
        attempt: Attempt,
        reported: &Reported<'_>,
    ) -> Result<Taken, CheckoutError> {
        match attempt.status() {
            AttemptStatus::Awaiting => {}
            AttemptStatus::NeedsReview => {
                self.check_amount(&attempt, reported).await?;
                return self.keep_late(&attempt, reported).await;
            }
            // It has ended since the session was read.
            _ => return Ok(Taken::LookAgain),
        }
        self.check_amount(&attempt, reported).await?;
        if self.is_over(&attempt) {
            self.end_hold(attempt).await?;
            return Ok(Taken::LookAgain);
        }
        let begun_unheld = attempt
            .history
            .without_stock
            .then(|| (session.clone(), attempt.clone()));
        let approved = self
            .settlement
            .approve_reported(session, attempt, reported.paid(), reported.trigger());
        let refused = match Box::pin(approved).await {
            Ok(()) => return Ok(Taken::Done),
            Err(refused) => refused,
        };
        // Nothing is paid and nothing was held: the session is not kept from its own payment.
        if let (CheckoutError::PaymentOfAnother, Some((session, attempt))) = (&refused, begun_unheld)
            && let Err(error) = self.release_hold(session, attempt).await
        {
            warn!(%error, "a session that another payment was reported of stays held until the time of that is over");
        }
        Err(refused)
    }

    /// A payment of a session that was never held: the attempt is begun without stock, and the next look settles it.
    async fn begin_of_open(&self, session: &Session, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        let payment = reported.payment;
        let Some(provider) = payment.caller.protocol.outside_payer() else {
            return Err(CheckoutError::UnsupportedPayment(payment.caller.protocol.to_string()));
        };
        let due = session.total();
        if let Some(paid) = payment.amount.filter(|paid| *paid != due) {
            let detail = format!("{paid} was paid of a checkout session that was not held, and {due} is due");
            self.keep(reported, None, DiscrepancyKind::AmountDiffers, &detail)
                .await?;
            return Err(CheckoutError::PaidAmountDiffers { paid, due });
        }
        // The refused commit of another total leaves that in the session: what was paid is what the party was shown.
        if payment.amount.is_none()
            && let Err(CheckoutError::TotalChanged { shown, now }) = session.consented(&payment.caller, false)
        {
            let detail = format!("a payment is reported without its amount, {shown} was shown and {now} is due");
            self.keep(reported, None, DiscrepancyKind::AmountDiffers, &detail)
                .await?;
            return Err(CheckoutError::PaidAmountDiffers { paid: shown, due: now });
        }
        match Box::pin(self.paying.hold_paid(session, &payment.caller, provider)).await {
            Ok(()) => Ok(Taken::LookAgain),
            Err(error) if is_about_other_requests(&error) => Err(error),
            Err(error) => {
                // The report comes again; should it not, the operator has it. Not with its event, which is to be taken then.
                let detail = format!("a payment is reported, and its order cannot be made yet: {error}");
                let kept = Reported {
                    payment,
                    event: None,
                    reports_unknown: true,
                };
                self.keep(&kept, None, DiscrepancyKind::ChargedWithoutOrder, &detail)
                    .await?;
                Err(error)
            }
        }
    }

    /// The payment was refused: the session is open again and says so. Once the hold is over that is evidence as well, unless the same
    /// payment was reported as made.
    async fn refuse_held(
        &self,
        session: Session,
        attempt: Attempt,
        why: &str,
        reported: &Reported<'_>,
    ) -> Result<Taken, CheckoutError> {
        if attempt.history.paid_late {
            info!(attempt.id = %attempt.id, why, "a payment was refused elsewhere after another one was reported");
            return self.keep_event(reported).await;
        }
        match self.refused_hold(&attempt, reported).await? {
            RefusedHold::This => {}
            RefusedHold::Earlier => {
                info!(attempt.id = %attempt.id, why, "an earlier payment was refused elsewhere, and the hold is of another one");
                return self.keep_event(reported).await;
            }
            RefusedHold::Unknown => {
                let detail = format!(
                    "a payment is reported as refused ({why}) and not which: this one, or one that was held before; the hold stays until \
                     its time is over"
                );
                return self
                    .keep(reported, Some(&attempt), DiscrepancyKind::OutcomeUnknown, &detail)
                    .await;
            }
        }
        info!(attempt.id = %attempt.id, why, "the payment was refused elsewhere");
        let mut attempt = attempt;
        attempt
            .history
            .refused_elsewhere
            .clone_from(&reported.payment.reference);
        let ending = Ending::refused_elsewhere(why);
        let end = self
            .settlement
            .end_unpaid(Some(session), attempt, ending, reported.trigger());
        Box::pin(end).await.map(|()| Taken::Done)
    }

    /// # Errors
    /// [`CheckoutError::PaidAmountDiffers`], once the operator has it.
    pub(super) async fn check_amount(&self, attempt: &Attempt, reported: &Reported<'_>) -> Result<(), CheckoutError> {
        let due = attempt.amount;
        let Some(paid) = reported.payment.amount.filter(|paid| *paid != due) else {
            return Ok(());
        };
        let detail = format!("{paid} was paid elsewhere as {}, and {due} is due", reported.named());
        self.keep(reported, Some(attempt), DiscrepancyKind::AmountDiffers, &detail)
            .await?;
        Err(CheckoutError::PaidAmountDiffers { paid, due })
    }

    /// A payment whose hold is over: the attempt stays with the operator, who finds the payment in it.
    async fn keep_late(&self, attempt: &Attempt, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        let named = reported.named();
        let detail = format!("a payment is reported as {named} after its hold was over");
        let now = self.context.now();
        let late = if attempt.history.paid_late {
            None
        } else {
            // What recovery read before is fenced off: it would write that nothing was reported.
            Some(self.lease(&attempt.id).await?)
        };
        let reference = reported.payment.reference.as_ref();
        let unit = UnitOfWork {
            attempt: late
                .as_ref()
                .map(|attempt| attempt.paid_late(reference, &detail, now, self.next_look())),
            event: reported.event.clone(),
            discrepancy: Some(self.discrepancy(reported, Some(attempt), DiscrepancyKind::PaidAfterEnd, &detail)),
            ..UnitOfWork::default()
        };
        match self.context.commit_outcome(&unit).await {
            Ok(()) => {}
            // The reference is known of another checkout: the discrepancy is what matters.
            Err(CommitError::ReferenceSeen) => {
                let released = late.map(|attempt| attempt.postponed(NOT_REPORTED, self.next_look()));
                let unit = UnitOfWork {
                    attempt: released,
                    ..unit
                };
                self.context.commit_outcome(&unit).await?;
            }
            Err(error) => return Err(error.into()),
        }
        error!(attempt.id = %attempt.id, detail, "a payment came too late, and an operator has to look");
        Err(CheckoutError::PaidAfterEnd { state: "held" })
    }

    /// Lease an attempt that recovery looks at for a moment now and then.
    async fn lease(&self, id: &AttemptId) -> Result<Attempt, CheckoutError> {
        let (store, holder) = (self.context.store(), &self.context.lease_holder);
        for _ in 0..LEASE_TRIES {
            if let Some(attempt) = store.lease_attempt(holder, id).await? {
                return Ok(attempt);
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
        Err(CheckoutError::InFlight)
    }

    pub(super) async fn keep(
        &self,
        reported: &Reported<'_>,
        attempt: Option<&Attempt>,
        kind: DiscrepancyKind,
        detail: &str,
    ) -> Result<Taken, CheckoutError> {
        error!(session.id = %reported.payment.session, kind = kind.as_str(), detail, "a payment of another party is not as expected, and an operator has to look");
        let unit = UnitOfWork {
            event: reported.event.clone(),
            discrepancy: Some(self.discrepancy(reported, attempt, kind, detail)),
            ..UnitOfWork::default()
        };
        self.context.commit_outcome(&unit).await?;
        Ok(Taken::Done)
    }

    pub(super) async fn keep_event(&self, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        if reported.event.is_some() {
            let unit = UnitOfWork {
                event: reported.event.clone(),
                ..UnitOfWork::default()
            };
            self.context.commit_outcome(&unit).await?;
        }
        Ok(Taken::Done)
    }

    fn discrepancy(
        &self,
        reported: &Reported<'_>,
        attempt: Option<&Attempt>,
        kind: DiscrepancyKind,
        detail: &str,
    ) -> Discrepancy {
        Discrepancy {
            merchant: reported.payment.caller.merchant.clone(),
            kind,
            subject: reported.named(),
            attempt: attempt.map(|attempt| attempt.id.clone()),
            detail: detail.to_owned(),
            found: self.context.now(),
        }
    }
}

/// Whether nothing was done because another operation was faster.
const fn is_about_other_requests(error: &CheckoutError) -> bool {
    matches!(
        error,
        CheckoutError::Conflict(CommitError::Session | CommitError::Attempt | CommitError::LiveAttempt)
            | CheckoutError::InFlight
    )
}

/// How far a report was taken.
pub(super) enum Taken {
    /// What follows from it is durable.
    Done,
    /// The session is in another state now, and the report is still to be taken.
    LookAgain,
}
