//! The first recovery point: quote again, name the order, set stock aside, take the codes, fix the keys. One commit.

use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use tillhouse_checkout::attempt::{Attempt, AttemptState, WireEvidence};
use tillhouse_checkout::decision::{Operation, OrderIdentity, Reservation, Reserved};
use tillhouse_checkout::error::{CheckoutError, TokenProblem};
use tillhouse_checkout::ids::{AttemptId, ReservationId};
use tillhouse_checkout::merchant::Merchant;
use tillhouse_checkout::operation::Complete;
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::ports::{CommitError, DecisionError, Phase, PhaseEnd, PhaseKind};
use tillhouse_checkout::quote::BrokenRule;
use tillhouse_checkout::quoting;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit::{AttemptWrite, SessionWrite, UnitOfWork};

use super::Payments;
use super::driven::Driving;

/// How often the reservation is made again because other buyers changed the stock under it.
const MAX_ROUNDS: u32 = 8;

/// A session that is being paid, and the attempt that pays it.
#[derive(Debug)]
pub struct Begun {
    /// The session, committing.
    pub session: Session,
    /// The attempt, reserved.
    pub attempt: Attempt,
    /// Keeps the lease while the attempt is driven.
    pub(super) _driving: Driving,
}

impl Payments {
    /// Make the reservation for a session that is open. Nothing is begun after the time at which the caller has given up.
    ///
    /// # Errors
    /// When the session cannot be paid as it is. It then shows why, and nothing is set aside.
    pub(super) async fn reserve(
        &self,
        session: &Session,
        request: &Complete,
        until: Option<Instant>,
    ) -> Result<Begun, CheckoutError> {
        let mut round = 1;
        loop {
            match Box::pin(self.try_reserve(session.clone(), request, until)).await {
                Err(CheckoutError::Conflict(CommitError::PluginData)) if round < MAX_ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    async fn try_reserve(
        &self,
        mut session: Session,
        request: &Complete,
        until: Option<Instant>,
    ) -> Result<Begun, CheckoutError> {
        let merchant = self.checkout.merchants.get(&session.merchant)?;
        session.cart.apply(request.edit.clone())?;
        session.setback = None;

        let scope = self.checkout.scope(&session, PhaseKind::Reserve);
        let mut phase = self.checkout.decisions.open(scope).await?;
        let decisions = self.checkout.decisions.as_ref();
        session.quote = quoting::quote(phase.as_mut(), decisions, &session.merchant, &session.cart).await?;
        if let Err(refusal) = payable(&session) {
            drop(phase);
            if refusal.needs_look() {
                session.require_look();
            }
            self.keep_refused(session, merchant).await?;
            return Err(refusal);
        }
        let payer = Payer::of(session.total(), &request.token);
        self.unused(&session, &payer).await?;
        let attempt = self.draw_up(phase.as_mut(), &session, request, payer).await?;
        let operation = super::operation(&attempt, 1, self.checkout.clock.now());
        if let Reserved::Insufficient(_) = phase.reserve(&operation, &attempt.reservation).await? {
            drop(phase);
            return Err(self.sold_out(session, merchant).await);
        }
        let taken = take_codes(phase.as_mut(), &operation, &attempt.redeemed).await;
        let end = phase.finish();
        let late = until.is_some_and(|until| Instant::now() >= until);
        let held = match taken {
            Ok(()) if late => Err(too_late()),
            Ok(()) => self.hold(session, merchant, attempt.clone(), &end).await,
            Err(error) => Err(error.into()),
        };
        // Stock that lives elsewhere was set aside already, and no attempt remembers it.
        if held.is_err()
            && end.used_egress
            && let Err(error) = self.release(&attempt).await
        {
            warn!(attempt.id = %attempt.id, %error, "remote stock stays set aside until it expires");
        }
        held
    }

    /// A token that another checkout may have used up pays nothing.
    async fn unused(&self, session: &Session, payer: &Payer) -> Result<(), CheckoutError> {
        let Some(token) = payer.token() else { return Ok(()) };
        let store = &self.checkout.store;
        if store.token_used(&session.merchant, token, &session.id).await? {
            return Err(TokenProblem::Used.into());
        }
        Ok(())
    }

    /// The attempt as it would be: the order named, the keys drawn.
    async fn draw_up(
        &self,
        phase: &mut dyn Phase,
        session: &Session,
        request: &Complete,
        payer: Payer,
    ) -> Result<Attempt, CheckoutError> {
        let id = self.checkout.ids.next("pa");
        let (now, amount) = (self.checkout.clock.now(), session.total());
        let charge_key = self.checkout.ids.key();
        let operation = Operation {
            id: id.clone(),
            attempt: 1,
            idempotency_key: charge_key.clone(),
            reference: id.clone(),
            now,
        };
        let order = phase.identify_order(&operation, &session.cart, amount).await?;
        check_identity(&order)?;
        Ok(Attempt {
            id: AttemptId::new(id.as_str()),
            merchant: session.merchant.clone(),
            session: session.id.clone(),
            payer,
            amount,
            state: AttemptState::Reserved,
            resolve_key: self.checkout.ids.key(),
            charge_key,
            report_key: self.checkout.ids.key(),
            order,
            reservation: Reservation {
                id: ReservationId::new(id.as_str()),
                lines: session.cart.lines.clone(),
                expires: now.after(self.timings.reservation_ttl),
            },
            reference: id,
            redeemed: session.quote.applied_codes(),
            billing: request.billing.clone(),
            charge_digest: None,
            destination: None,
            wire: WireEvidence::NothingSent,
            processor_reference: None,
            reason: None,
            initiated: now,
            charge_sent: None,
            unknown_since: None,
            settled: None,
            tries: 0,
            next_try: None,
            token_unused: false,
            epoch: 0,
        })
    }

    /// Commit the reservation: from here on the attempt exists.
    async fn hold(
        &self,
        session: Session,
        merchant: &Merchant,
        attempt: Attempt,
        end: &PhaseEnd,
    ) -> Result<Begun, CheckoutError> {
        let before = session.clone();
        let mut session = session;
        let replaces = self.checkout.touch(&mut session, merchant);
        session.state = SessionState::Committing {
            attempt: attempt.id.clone(),
            order: Box::new(attempt.order.clone()),
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: session.clone(),
                replaces: Some(replaces),
            }),
            staged: end.staged.clone(),
            attempt: Some(AttemptWrite::new(attempt.clone(), Some(self.claimant.clone()))),
            ..UnitOfWork::default()
        };
        // Before the commit: the lease begins with it.
        let driving = self.driven.take(attempt.id.clone(), attempt.epoch);
        match self.checkout.store.commit(unit).await {
            Ok(()) => Ok(Begun {
                session,
                attempt,
                _driving: driving,
            }),
            Err(CommitError::Insufficient { .. }) => Err(self.sold_out(before, merchant).await),
            Err(CommitError::LiveAttempt) => Err(CheckoutError::InFlight),
            Err(CommitError::TokenUsed) => Err(TokenProblem::Used.into()),
            Err(CommitError::Order) => Err(taken_twice(&attempt.order).into()),
            // A phase that has used the network is not run again: the merchant's own stock system has moved.
            Err(CommitError::PluginData) if end.used_egress => Err(CheckoutError::InFlight),
            Err(other) => Err(other.into()),
        }
    }

    /// Keep what a refused completion found, so that the session shows what stands in the way now. Where another request has
    /// changed the session in the meantime, that change stays, and has to be looked at.
    async fn keep_refused(&self, mut session: Session, merchant: &Merchant) -> Result<(), CheckoutError> {
        let (owner, id) = (session.merchant.clone(), session.id.clone());
        let replaces = self.checkout.touch(&mut session, merchant);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session,
                replaces: Some(replaces),
            }),
            ..UnitOfWork::default()
        };
        match self.checkout.store.commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Session) => self.checkout.require_look(&owner, &id).await,
            Err(other) => Err(other.into()),
        }
    }

    async fn sold_out(&self, mut session: Session, merchant: &Merchant) -> CheckoutError {
        let shown = match self.checkout.requote(&mut session, false).await {
            Ok(_) => self.keep_refused(session, merchant).await,
            Err(error) => Err(error),
        };
        shown.err().unwrap_or(CheckoutError::OutOfStock)
    }
}

/// Whether the quote may be paid: nothing stands in the way, and it is the one that the caller was shown.
fn payable(session: &Session) -> Result<(), CheckoutError> {
    if !session.quote.is_ready() {
        return Err(CheckoutError::NotReady(session.quote.blockers().cloned().collect()));
    }
    if session.is_shown() {
        return Ok(());
    }
    let now = session.total();
    Err(match session.shown_total() {
        Some(shown) if shown != now => CheckoutError::TotalChanged { shown, now },
        _ => CheckoutError::LookNeeded,
    })
}

fn check_identity(order: &OrderIdentity) -> Result<(), BrokenRule> {
    let broken = |detail: String| BrokenRule {
        function: "orders.identify",
        rule: "identity",
        detail,
    };
    if order.id.is_empty() || order.id.len() > 128 {
        return Err(broken("the id of an order has 1 to 128 characters".to_owned()));
    }
    match url::Url::parse(&order.permalink) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => Err(broken(format!(
            "{:?} is not an absolute http or https URL",
            order.permalink
        ))),
    }
}

async fn take_codes(phase: &mut dyn Phase, operation: &Operation, codes: &[String]) -> Result<(), DecisionError> {
    if codes.is_empty() {
        return Ok(());
    }
    phase.redeem(operation, codes).await
}

/// An order id is unique with its merchant; a plugin that gives one twice would have the second buyer charged for nothing.
fn taken_twice(order: &OrderIdentity) -> BrokenRule {
    BrokenRule {
        function: "orders.identify",
        rule: "identity",
        detail: format!("order {} exists already", order.id),
    }
}

/// Nobody waits for the answer any more, and nothing was begun.
pub(super) fn too_late() -> CheckoutError {
    CheckoutError::Decision(DecisionError::Unavailable {
        plugin: "(host)".to_owned(),
        function: "complete",
        retry_after: Some(Duration::from_secs(1)),
    })
}
