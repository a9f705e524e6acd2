//! The first recovery point: quote again, identify the order, reserve stock, redeem codes, draw the keys. One commit.

use tracing::warn;

use tillhouse_checkout::attempt::{Attempt, AttemptHistory, AttemptWrite, RetrySchedule};
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::{Operation, Reservation, ReservationResult};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::{AttemptId, ReservationId};
use tillhouse_checkout::merchant::Merchant;
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::ports::{CommitError, DecisionError, Phase, PhaseEnd, PhaseKind, PhaseScope};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::readiness::Readiness;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::shown_quote::Consented;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::Paying;
use super::consents::check_consents;
use super::order_identity::{identify, order_exists};
use super::reserving::Reserving;
use super::shortage;
use crate::in_progress::InProgressGuard;
use crate::operation::operation;
use crate::reservation_release;
use crate::settlement::messages;

/// How often the reservation is tried again because other buyers changed the stock in the meantime.
const MAX_ROUNDS: u32 = 8;

/// A session that is being paid, and the attempt that pays it.
#[derive(Debug)]
pub(super) struct ReservedAttempt {
    /// In the state committing.
    pub(super) session: Session,
    /// In the state reserved.
    pub(super) attempt: Attempt,
    /// Renews the lease while the attempt is worked on; `None` for one that another party pays, which is left to itself.
    pub(super) _guard: Option<InProgressGuard>,
}

impl Paying {
    /// Reserve for an open session. Nothing is begun after the caller's deadline.
    ///
    /// # Errors
    /// When the session cannot be paid as it is. It then shows why, and nothing is reserved.
    pub(super) async fn reserve(
        &self,
        session: &Session,
        request: &Reserving<'_>,
        deadline: &Deadline,
    ) -> Result<ReservedAttempt, CheckoutError> {
        let mut session = session.clone();
        let mut round = 1;
        loop {
            match Box::pin(self.try_reserve(session.clone(), request, deadline)).await {
                Err(CheckoutError::Conflict(CommitError::PluginData)) if round < MAX_ROUNDS => {}
                Err(CheckoutError::Conflict(CommitError::Session)) if round < MAX_ROUNDS => {
                    session = self.rewritten_only(session, request).await?;
                }
                // Another checkout has made an order of the kept identity meanwhile: the plugin is asked for a new one.
                Err(CheckoutError::Conflict(CommitError::Order)) if round < MAX_ROUNDS => session.kept_order = None,
                // What is held instead may have an item of a later catalog than the one that the session was quoted with.
                Err(CheckoutError::UnknownItem { .. })
                    if request.replaced().is_some() && session.catalog.take().is_some() => {}
                other => return other,
            }
            round += 1;
        }
    }

    /// The session as it is now, if the request that changed it in the meantime changed nothing that the caller was shown: a read
    /// that quoted it again, or the completion of another caller that was refused.
    ///
    /// # Errors
    /// [`CommitError::Session`] if it changed anything else.
    async fn rewritten_only(&self, before: Session, request: &Reserving<'_>) -> Result<Session, CheckoutError> {
        let now = self.context.checkout.retrieve(request.caller, &before.id).await?;
        if now.state == SessionState::Open && now.shows_the_same_as(&before, request.caller) {
            Ok(now)
        } else {
            Err(CommitError::Session.into())
        }
    }

    async fn try_reserve(
        &self,
        mut session: Session,
        request: &Reserving<'_>,
        deadline: &Deadline,
    ) -> Result<ReservedAttempt, CheckoutError> {
        let merchant = self.context.checkout.merchants.get(&session.merchant)?;
        session.last_payment_error = None;
        let untouched = session.clone();
        session.cart.apply_with_payment(request.edit.clone())?;

        let scope = PhaseScope {
            deadline: deadline.until(),
            ..self.context.checkout.scope(&session, PhaseKind::Reserve)
        };
        let checkout = &self.context.checkout;
        let mut phase = match request.replaced() {
            Some(held) => self.reservations.phase_without(scope.clone(), held).await?,
            None => checkout.decisions.open(scope.clone()).await?,
        };
        let chosen = session.cart.choices.clone();
        checkout.quote(phase.as_mut(), &scope, &mut session, false).await?;
        if let Some(held) = request.replaced()
            && self.reservations.is_left_by_phase(held)
            && shortage::may_be_held(&session, held)
        {
            return Err(shortage::of(&session, &held.redeemed));
        }
        let caller = request.caller;
        if let Err(error) = check_payable(&mut session, merchant, request) {
            drop(phase);
            match error {
                // The request is at fault, and the checkout is as it was.
                CheckoutError::Rejected(_) => return Err(error),
                // It stays held as it is.
                _ if request.replaced().is_some() => return Err(error),
                _ if error.must_read_again() => {
                    // An option that is gone is dropped by an answer that says so.
                    session.cart.choices = chosen;
                    // The caller is shown the total with the billing address, and may pay it without naming the address again.
                    session.cart.before_payment = None;
                    session.report_new_total(caller);
                    session.mark_outdated_for(caller);
                }
                _ if session.cart != untouched.cart => {
                    session = untouched;
                    checkout.requote(&mut session, false, deadline.until()).await?;
                }
                _ => {}
            }
            self.keep_refused(session, merchant, request).await?;
            return Err(error);
        }
        request.check_expected(&session)?;
        let untouched = if request.replaced().is_some() {
            session.mark_shown_to(caller);
            session.clone()
        } else {
            untouched
        };
        session.keep_facts_of_payment(request.consents, request.attribution);
        let payer = request.payer(session.total());
        self.check_unused(&session, &payer).await?;
        request.assess(phase.as_mut(), &session).await?;
        let attempt = self.new_attempt(phase.as_mut(), &session, request, payer).await?;
        let operation = operation(&attempt, 1, self.context.now());
        if let ReservationResult::Insufficient(_) = phase.reserve(&operation, &attempt.reservation).await? {
            drop(phase);
            return Err(self.sold_out(untouched, merchant, request, deadline).await);
        }
        let redeemed = redeem_codes(phase.as_mut(), &operation, &attempt.redeemed).await;
        let end = phase.finish();
        let held = match redeemed {
            Ok(()) => {
                let reserved = self.commit_reservation(session, merchant, attempt.clone(), &end, request, deadline);
                Box::pin(reserved).await
            }
            Err(error) => Err(error.into()),
        };
        // Stock that lives outside the host was reserved already, and no attempt holds that reservation.
        if held.is_err()
            && end.used_egress
            && let Err(error) = self.reservations.release(&attempt).await
        {
            warn!(attempt.id = %attempt.id, %error, "failed to release a reservation outside the host; it lasts until it expires there");
        }
        match held {
            Err(CheckoutError::Conflict(CommitError::Insufficient { .. })) => {
                let redeemed = &attempt.redeemed;
                Err(self.ran_out(untouched, redeemed, merchant, request, deadline).await)
            }
            held => held,
        }
    }

    /// The message that releases what a hold has that ends, where the phase did not.
    fn release_of_replaced(
        &self,
        request: &Reserving<'_>,
        now: Timestamp,
    ) -> Option<Result<OutboxMessage, serde_json::Error>> {
        let held = request.replaced()?;
        let is_left = self.reservations.is_left_by_phase(held);
        is_left.then(|| reservation_release::message(held, now))
    }

    /// Refuse a token that another checkout session may have consumed.
    async fn check_unused(&self, session: &Session, payer: &Payer) -> Result<(), CheckoutError> {
        let Some(token) = payer.payment_token() else {
            return Ok(());
        };
        let store = self.context.store();
        if store.token_used(&session.merchant, &token.id, &session.id).await? {
            return Err(self.context.issuers.used_elsewhere(token).into());
        }
        Ok(())
    }

    /// The attempt that would pay: its order identified, its keys drawn.
    pub(super) async fn new_attempt(
        &self,
        phase: &mut dyn Phase,
        session: &Session,
        request: &Reserving<'_>,
        payer: Payer,
    ) -> Result<Attempt, CheckoutError> {
        let id = self.context.checkout.ids.next("pa");
        let (now, amount) = (self.context.now(), request.taken(session));
        let charge_key = self.context.checkout.ids.idempotency_key();
        let operation = Operation {
            id: id.clone(),
            attempt: 1,
            idempotency_key: charge_key.clone(),
            reference: id.clone(),
            now,
        };
        let order = identify(phase, session, &operation).await?;
        Ok(Attempt {
            id: AttemptId::new(id.as_str()),
            merchant: session.merchant.clone(),
            session: session.id.clone(),
            payer,
            amount,
            state: request.first_state(),
            resolve_key: self.context.checkout.ids.idempotency_key(),
            charge_key,
            report_key: self.context.checkout.ids.idempotency_key(),
            order,
            reservation: Reservation {
                id: ReservationId::new(id.as_str()),
                lines: session.cart.lines.clone(),
                expires: now.after(self.context.timings.reservation_ttl),
            },
            reference: id,
            redeemed: session.quote.applied_codes(),
            billing: billing_address(session, request),
            device: request.device.clone(),
            initiated: now,
            history: AttemptHistory {
                proof: request.proof(),
                ..AttemptHistory::default()
            },
            retry: RetrySchedule {
                tries: 0,
                next: request.held_until(),
            },
            epoch: 0,
        })
    }

    /// Commit the reservation: from here on the attempt exists.
    pub(super) async fn commit_reservation(
        &self,
        session: Session,
        merchant: &Merchant,
        attempt: Attempt,
        end: &PhaseEnd,
        request: &Reserving<'_>,
        deadline: &Deadline,
    ) -> Result<ReservedAttempt, CheckoutError> {
        let mut session = session;
        let is_new_order = session.kept_order.is_none();
        let replaces = self.context.checkout.bump_revision(&mut session, merchant);
        session.state = request.state_with(&attempt);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session.clone()),
                replaces: Some(replaces),
            }),
            staged: end.staged.clone(),
            ended_attempt: request.ended(attempt.initiated),
            outbox: messages(self.release_of_replaced(request, attempt.initiated))?,
            attempt: Some(AttemptWrite::new(
                attempt.clone(),
                attempt.keeps_lease().then(|| self.context.lease_holder.clone()),
            )),
            discrepancy: request.discrepancy(&session, &attempt),
            idempotency: request.record(&session),
            ..UnitOfWork::default()
        };
        // Before the commit, because the lease begins with it.
        let guard = attempt
            .keeps_lease()
            .then(|| self.context.in_progress.begin(attempt.id.clone(), attempt.epoch));
        let permit = deadline.begin_commit()?;
        let committed = self.context.store().commit(unit).await;
        if committed.is_ok() {
            permit.done();
        } else {
            drop(permit);
        }
        match committed {
            Ok(()) => Ok(ReservedAttempt {
                session,
                attempt,
                _guard: guard,
            }),
            Err(CommitError::LiveAttempt) => Err(CheckoutError::InFlight),
            Err(CommitError::TokenUsed) => Err(PaymentTokenError::Used.into()),
            Err(CommitError::Order) if is_new_order => Err(order_exists(&attempt.order).into()),
            // A phase that has used the network is not run again: the merchant's own stock system has changed.
            Err(CommitError::PluginData) if end.used_egress => Err(CheckoutError::InFlight),
            Err(other) => Err(other.into()),
        }
    }
}

/// The billing address of the payment: where the protocol says so, goods are billed to where they are sent.
fn billing_address(session: &Session, request: &Reserving<'_>) -> Option<Address> {
    let cart = &session.cart;
    let destination = || {
        cart.destination()
            .filter(|_| request.caller.protocol.bills_to_destination())
    };
    cart.billing.as_ref().or_else(destination).cloned()
}

/// Check that nothing prevents the payment, and say who has to act where something does.
fn ensure_ready(quote: &Quote) -> Result<(), CheckoutError> {
    let messages = || quote.blockers().cloned().collect();
    match quote.readiness() {
        Readiness::Ready => Ok(()),
        Readiness::NotReady => Err(CheckoutError::NotReady(messages())),
        Readiness::PendingApproval => Err(CheckoutError::ApprovalPending(messages())),
        Readiness::RequiresEscalation(url) => Err(CheckoutError::EscalationRequired(url.to_owned())),
    }
}

/// Check that the quote may be paid: it is complete, it is the one that the caller was shown, and the caller answers what it asks.
fn check_payable(session: &mut Session, merchant: &Merchant, request: &Reserving<'_>) -> Result<(), CheckoutError> {
    ensure_ready(&session.quote)?;
    let takes_lower = merchant.charges_lower_total && request.takes_lower_total();
    let consented = if request.says_what_replaces() {
        Consented::Shown
    } else {
        session.consented(request.caller, takes_lower)?
    };
    check_consents(&session.quote, request.consents)?;
    if consented == Consented::Lower {
        session.report_new_total(request.caller);
        // The answer may be that the payment goes on: it shows the lower total, and after a decline nothing above it is consented to.
        session.mark_shown_to(request.caller);
    }
    Ok(())
}

async fn redeem_codes(phase: &mut dyn Phase, operation: &Operation, codes: &[String]) -> Result<(), DecisionError> {
    if codes.is_empty() {
        return Ok(());
    }
    phase.redeem(operation, codes).await
}
