//! Paying: one attempt, driven through its recovery points.
//!
//! reserve → check the token → prepare the charge → resolve the token → charge → conclude. Each step commits what it is about
//! to do before it does it; `settle` takes up from whatever a crash left.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tracing::{error, info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState, WireEvidence};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::decision::{RiskDecision, RiskRequest};
use tillhouse_checkout::error::{CheckoutError, TokenProblem};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::mask;
use tillhouse_checkout::operation::{Answer, Ask, Complete};
use tillhouse_checkout::ports::{ChargeJournal, CommitError, PhaseKind, ReadyCharge, Store, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit::{AttemptWrite, UnitOfWork};

use super::Payments;
use super::cause::Cause;
use super::conclude::{Ending, declined_with};
use super::judge::judge;
use super::reserve::{Begun, too_late};
use super::resolve::Unresolved;

/// How long the caller's time may be overrun by a commit that was begun within it. Stripe's share of its four seconds bears that.
const LAST_COMMIT: Duration = Duration::from_millis(500);

impl Payments {
    /// Pay a checkout. The work runs in a task of its own: a caller that goes away changes nothing.
    ///
    /// # Errors
    /// When the checkout cannot be paid, or the payment was declined. An outcome that is not known is not an error: the
    /// answer is then [`Answer::InProgress`].
    pub async fn complete(self: &Arc<Self>, request: Complete, ask: Ask) -> Result<Answer, CheckoutError> {
        let (merchant, id, render) = (
            request.merchant.clone(),
            request.session.clone(),
            Arc::clone(&ask.render),
        );
        let until = request.deadline.map(|deadline| Instant::now() + deadline);
        let this = Arc::clone(self);
        let mut work = self
            .tasks
            .spawn(async move { Box::pin(this.pay(request, ask, until)).await });
        let Some(until) = until else {
            return work.await.unwrap_or_else(|_| Err(lost_task()));
        };
        if let Ok(done) = tokio::time::timeout_at(until, &mut work).await {
            return done.unwrap_or_else(|_| Err(lost_task()));
        }
        let session = self.checkout.retrieve(&merchant, &id).await?;
        if matches!(session.state, SessionState::Committing { .. }) {
            return Ok(Answer::InProgress(render(&session)));
        }
        // Past the deadline and not reserved: nothing will be begun any more, unless it was about to be committed.
        match tokio::time::timeout(LAST_COMMIT, &mut work).await {
            Ok(done) => done.unwrap_or_else(|_| Err(lost_task())),
            Err(_) => Err(too_late()),
        }
    }

    async fn pay(&self, request: Complete, ask: Ask, until: Option<Instant>) -> Result<Answer, CheckoutError> {
        if is_card_number(&request.token) {
            // Before anything is stored, logged or sent: it would stand in every attempt and in Stripe's access log.
            return Err(TokenProblem::Unknown.into());
        }
        let session = self.checkout.retrieve(&request.merchant, &request.session).await?;
        if let Some(answer) = self.answered(&session, &request, &ask).await? {
            return Ok(answer);
        }
        self.refuse_authentication(&session, request.authentication).await?;
        if request.provider != "stripe" {
            return Err(CheckoutError::UnsupportedPayment(request.provider));
        }
        let begun = match Box::pin(self.reserve(&session, &request, until)).await {
            Err(CheckoutError::Conflict(CommitError::Session)) => return self.overtaken(&request, &ask).await,
            other => other?,
        };
        info!(session.id = %begun.session.id, attempt.id = %begun.attempt.id, amount = %begun.attempt.amount, "reserved");
        match self.drive(&begun, &request, until).await {
            Ok(Drive::Charged(attempt, ending)) => {
                Box::pin(self.conclude(begun.session, *attempt, ending, Cause::asked(&ask))).await
            }
            Ok(Drive::Later) => Ok(Answer::InProgress((ask.render)(&begun.session))),
            Err(Stop { attempt, error }) => {
                self.abandon(begun.session, *attempt, &error).await;
                Err(error)
            }
        }
    }

    /// What a completion is answered without a new attempt; `None` where it may begin one.
    async fn answered(
        &self,
        session: &Session,
        request: &Complete,
        ask: &Ask,
    ) -> Result<Option<Answer>, CheckoutError> {
        match &session.state {
            // Where nothing is due the token does not matter, a declined one included.
            SessionState::Open if session.total().amount.is_zero() => Ok(None),
            SessionState::Open => self.not_declined_before(session, &request.token).await.map(|()| None),
            SessionState::Committing { attempt, .. } => {
                // Without a key of its own, a confirm is known by its token (protocol reference §1.1).
                if self.attempt_pays_with(attempt, &request.token).await? {
                    Ok(Some(Answer::InProgress((ask.render)(session))))
                } else {
                    Err(CheckoutError::InFlight)
                }
            }
            SessionState::Completed { order } if self.attempt_pays_with(&order.attempt, &request.token).await? => {
                Ok(Some(Answer::Fresh((ask.render)(session))))
            }
            other => Err(CheckoutError::InvalidState {
                state: other.name(),
                verb: "completed",
            }),
        }
    }

    /// Another request changed the session while this one was about to pay it. The same payment, made by a duplicate, is the
    /// answer; any other change is one that the caller of this completion has not seen.
    async fn overtaken(&self, request: &Complete, ask: &Ask) -> Result<Answer, CheckoutError> {
        let session = self.checkout.retrieve(&request.merchant, &request.session).await?;
        if let Some(answer) = self.answered(&session, request, ask).await? {
            return Ok(answer);
        }
        self.checkout.require_look(&request.merchant, &request.session).await?;
        Err(CheckoutError::LookNeeded)
    }

    /// A confirm that is repeated with a token whose payment was declined gets the same answer, and no new attempt.
    async fn not_declined_before(&self, session: &Session, token: &TokenId) -> Result<(), CheckoutError> {
        let attempts = self.checkout.store.attempts_of(&session.id).await?;
        let declined = attempts
            .into_iter()
            .find(|attempt| attempt.token() == Some(token) && attempt.state == AttemptState::Declined);
        match declined.map(|attempt| attempt.reason.unwrap_or_default()) {
            None => Ok(()),
            Some(code) => Err(declined_with(code)),
        }
    }

    async fn attempt_pays_with(
        &self,
        attempt: &tillhouse_checkout::ids::AttemptId,
        token: &TokenId,
    ) -> Result<bool, CheckoutError> {
        Ok(self
            .checkout
            .store
            .attempt(attempt)
            .await?
            .is_some_and(|attempt| attempt.payer.is_paid_with(token)))
    }

    /// From reserved to a verdict, or to where the token service has to be asked again later.
    async fn drive(&self, begun: &Begun, request: &Complete, until: Option<Instant>) -> Result<Drive, Stop> {
        let Begun { session, attempt, .. } = begun;
        let stop = |error: CheckoutError| Stop {
            attempt: Box::new(attempt.clone()),
            error,
        };
        if attempt.token().is_none() {
            self.assess_risk(session, attempt, request, None).await.map_err(stop)?;
            return Ok(Drive::Charged(Box::new(attempt.clone()), Ending::NothingDue));
        }
        let card = self.check_token(session, attempt, until).await.map_err(stop)?;
        self.assess_risk(session, attempt, request, Some(card))
            .await
            .map_err(stop)?;

        let ready = self.prepare(session, attempt).await.map_err(stop)?;

        let resolving = Attempt {
            state: AttemptState::Resolving,
            destination: Some(ready.destination()),
            ..attempt.clone()
        };
        if let Err(error) = self.advance(attempt, &resolving).await {
            return Err(stop(self.used_where(attempt, error).await));
        }
        // Kept for as long as nothing has to be waited for: it takes its share of what the merchant may have running.
        let mut ready = Some(ready);
        let end = until.unwrap_or_else(|| Instant::now() + self.timings.token_retries.patience);
        let tries = self.timings.token_retries.until(end, &resolving.resolve_key);
        let credential = match self.resolve(&resolving, tries, || drop(ready.take())).await {
            Ok(credential) => credential,
            Err(Unresolved::Later { reason, retry_after }) => {
                self.resolve_later(&resolving, &reason, retry_after).await;
                return Ok(Drive::Later);
            }
            Err(Unresolved::Over { error, unused }) => {
                let ended = Attempt {
                    token_unused: unused,
                    ..resolving
                };
                return Err(Stop {
                    attempt: Box::new(ended),
                    error,
                });
            }
        };
        let ready = match ready {
            Some(ready) => ready,
            None => match self.prepare(session, &resolving).await {
                Ok(ready) => ready,
                Err(error) => {
                    self.resolve_later(&resolving, &error.to_string(), None).await;
                    return Ok(Drive::Later);
                }
            },
        };
        let (attempt, ending) = self.charge(session, resolving, credential, ready).await;
        Ok(Drive::Charged(Box::new(attempt), ending))
    }

    /// Before the token is used up: a processor that cannot take the payment, now or at all, must not cost the buyer a token.
    pub(super) async fn prepare(
        &self,
        session: &Session,
        attempt: &Attempt,
    ) -> Result<Box<dyn ReadyCharge>, CheckoutError> {
        let ready = self.processor.prepare(self.charge_scope(session, attempt)).await?;
        let (profile, currency) = (ready.profile(), attempt.amount.currency);
        if profile.currencies.is_empty() || profile.currencies.contains(&currency) {
            return Ok(ready);
        }
        Err(CheckoutError::UnsupportedPayment(format!(
            "{currency}, which {} does not take",
            profile.processor
        )))
    }

    /// Before the credential is used; fails closed.
    async fn assess_risk(
        &self,
        session: &Session,
        attempt: &Attempt,
        request: &Complete,
        card: Option<CardDisplay>,
    ) -> Result<(), CheckoutError> {
        let mut phase = self
            .checkout
            .decisions
            .open(self.checkout.scope(session, PhaseKind::Payment))
            .await?;
        let question = RiskRequest {
            cart: session.cart.clone(),
            total: attempt.amount.amount,
            billing: request.billing.clone(),
            card,
            ip: request.signals.ip.clone(),
            user_agent: request.signals.user_agent.clone(),
        };
        match phase.assess_risk(&question).await? {
            RiskDecision::Allow => Ok(()),
            RiskDecision::Review(reason) => {
                warn!(session.id = %session.id, reason, "taken, to be reviewed");
                Ok(())
            }
            RiskDecision::Block(reason) => {
                warn!(session.id = %session.id, reason, "blocked by risk rules");
                Err(match attempt.token() {
                    Some(_) => declined_with("risk".to_owned()),
                    None => CheckoutError::OrderDeclined,
                })
            }
        }
    }

    pub(super) async fn charge(
        &self,
        session: &Session,
        attempt: Attempt,
        credential: Credential,
        ready: Box<dyn ReadyCharge>,
    ) -> (Attempt, Ending) {
        let journal = Arc::new(Journal {
            store: Arc::clone(&self.checkout.store),
            clock: Arc::clone(&self.checkout.clock),
            before: attempt.clone(),
            after: tokio::sync::Mutex::new(None),
        });
        let (operation, order) = self.charge_call(session, &attempt);
        let report = ready
            .charge(operation, order, credential, Arc::clone(&journal) as _)
            .await;
        let mut attempt = journal.after.lock().await.take().unwrap_or(attempt);
        attempt.wire = report.wire;
        if report.wire.may_have_arrived() && attempt.state != AttemptState::Charging {
            // Cannot be: the journal is written before the first byte. Never call it unsent.
            error!(attempt.id = %attempt.id, "a charge was sent that the journal does not hold");
        }
        let ending = judge(&report, attempt.amount).into();
        (attempt, ending)
    }

    async fn advance(&self, before: &Attempt, after: &Attempt) -> Result<(), CheckoutError> {
        Ok(advance(self.checkout.store.as_ref(), before, after).await?)
    }
}

async fn advance(store: &dyn Store, before: &Attempt, after: &Attempt) -> Result<(), CommitError> {
    store
        .commit(UnitOfWork {
            attempt: Some(AttemptWrite::moving(after.clone(), before.state)),
            ..UnitOfWork::default()
        })
        .await
}

/// How far an attempt was driven.
enum Drive {
    /// To a verdict on its charge.
    Charged(Box<Attempt>, Ending),
    /// It was put aside, and goes on in the background.
    Later,
}

/// An attempt that ends before anything was sent.
struct Stop {
    attempt: Box<Attempt>,
    error: CheckoutError,
}

/// Makes `charging` durable from within the plugin's `egress.send`.
struct Journal {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    before: Attempt,
    after: tokio::sync::Mutex<Option<Attempt>>,
}

#[async_trait]
impl ChargeJournal for Journal {
    async fn charging(&self, digest: &str) -> Result<(), StoreError> {
        let mut after = self.after.lock().await;
        if let Some(charging) = after.as_ref() {
            // The same bytes again are covered by the first entry; other bytes would be a second charge.
            return match charging.charge_digest.as_deref() {
                Some(first) if first == digest => Ok(()),
                _ => Err(StoreError("a second charge with a different request".to_owned())),
            };
        }
        let charging = Attempt {
            state: AttemptState::Charging,
            charge_digest: Some(digest.to_owned()),
            charge_sent: Some(self.clock.now()),
            wire: WireEvidence::SomeBytesWritten,
            ..self.before.clone()
        };
        advance(self.store.as_ref(), &self.before, &charging)
            .await
            .map_err(|error| StoreError(error.to_string()))?;
        *after = Some(charging);
        Ok(())
    }
}

/// An agent that mistakes a card number for a token.
fn is_card_number(token: &TokenId) -> bool {
    mask(token.as_str()).contains("[card]")
}

fn lost_task() -> CheckoutError {
    CheckoutError::Store(StoreError("the payment's task ended without an answer".to_owned()))
}
