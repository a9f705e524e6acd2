//! The end of an attempt: outcome, order, session, messages and recorded answer in one commit.

use std::time::Duration;

use tracing::{error, info, warn};

use crate::checkout::attempt::{Attempt, AttemptState};
use crate::checkout::error::CheckoutError;
use crate::checkout::ids::{OrderId, ProcessorReference};
use crate::checkout::message::{Message, Subject};
use crate::checkout::operation::{Answer, Ask};
use crate::checkout::order::Order;
use crate::checkout::ports::{CommitError, StoreError};
use crate::checkout::session::{Session, SessionState};
use crate::checkout::unit::{AttemptWrite, OutboxMessage, SessionWrite, UnitOfWork};

use super::judge::AUTHENTICATION_REQUIRED;
use super::report::{PaymentReport, ReportedOutcome};
use super::{Payments, outbox, release};

/// How often the commit of a known outcome is tried; after that, recovery looks the charge up.
const COMMIT_TRIES: u32 = 5;

/// How an attempt ends, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Money was taken.
    Approved(ProcessorReference),
    /// The processor said no; carries its code.
    Declined(String),
    /// Nothing was sent; carries why.
    NotSent(String),
    /// It is not known; carries why.
    Unknown(String),
}

impl Payments {
    /// Commit the end of an attempt, and answer.
    ///
    /// # Errors
    /// [`CheckoutError::Declined`] and its like, once that is durable.
    pub(super) async fn conclude(
        &self,
        session: Session,
        attempt: Attempt,
        ending: Ending,
        ask: Option<&Ask>,
    ) -> Result<Answer, CheckoutError> {
        match ending {
            Ending::Approved(reference) => self.approve(session, attempt, reference, ask).await,
            Ending::Declined(code) => {
                self.refuse(session, attempt, AttemptState::Declined, &code).await?;
                Err(declined_with(code))
            }
            Ending::NotSent(reason) => {
                warn!(attempt.id = %attempt.id, reason, "the charge was not sent");
                self.refuse(session, attempt, AttemptState::Failed, &reason).await?;
                Err(CheckoutError::Decision(
                    crate::checkout::ports::DecisionError::Unavailable {
                        plugin: "processor".to_owned(),
                        function: "payments.charge",
                        retry_after: None,
                    },
                ))
            }
            Ending::Unknown(reason) => {
                self.leave_unknown(&attempt, &reason).await;
                Ok(in_progress(&session, ask))
            }
        }
    }

    /// An attempt that stopped before its charge: back to open, stock given back. Never makes the error worse.
    pub(super) async fn abandon(&self, session: Session, attempt: Attempt, error: &CheckoutError) {
        let reason = error.to_string();
        if let Err(error) = self.refuse(session, attempt, AttemptState::Failed, &reason).await {
            error!(%error, "an attempt that ended could not be committed; the settling worker will take it up end it");
        }
    }

    async fn approve(
        &self,
        session: Session,
        attempt: Attempt,
        reference: ProcessorReference,
        ask: Option<&Ask>,
    ) -> Result<Answer, CheckoutError> {
        let before = attempt.state;
        let now = self.checkout.clock.now();
        let order = Order {
            id: OrderId::new(attempt.order.id.as_str()),
            number: attempt.order.number.clone(),
            permalink: attempt.order.permalink.clone(),
            merchant: attempt.merchant.clone(),
            session: session.id.clone(),
            attempt: attempt.id.clone(),
            total: attempt.amount,
            created: now,
        };
        let committing = session.clone();
        let mut session = session;
        let replaces = session.revision;
        session.revision += 1;
        session.updated = now;
        session.setback = None;
        session.state = SessionState::Completed {
            order: Box::new(order.clone()),
        };
        let attempt = Attempt {
            state: AttemptState::Approved,
            processor_reference: Some(reference),
            settled: Some(now),
            ..attempt
        };
        let report = PaymentReport::of(&attempt, ReportedOutcome::Guaranteed, now).message(&attempt);
        let notice = outbox::order_created(&order);
        let reply = ask.map(|ask| (ask.render)(&session));
        let record = ask
            .and_then(|ask| ask.claim.as_ref())
            .zip(reply.clone())
            .map(|(claim, reply)| claim.record(reply));
        let mut unit = UnitOfWork {
            session: Some(SessionWrite {
                session: session.clone(),
                replaces: Some(replaces),
            }),
            attempt: Some(AttemptWrite {
                attempt: attempt.clone(),
                replaces: Some(before),
            }),
            order: Some(order),
            outbox: messages([report, notice])?,
            idempotency: record,
            ..UnitOfWork::default()
        };
        loop {
            match self.commit_outcome(&unit).await {
                Ok(()) => break,
                // The key was recorded by a request on another host; the money is what matters.
                Err(CommitError::Idempotency) if unit.idempotency.take().is_some() => {}
                Err(CommitError::ReferenceSeen) => {
                    let charging = Attempt {
                        state: before,
                        processor_reference: None,
                        settled: None,
                        ..attempt
                    };
                    self.leave_unknown(&charging, "the processor's reference was seen before")
                        .await;
                    return Ok(in_progress(&committing, ask));
                }
                Err(error) => {
                    self.settle_wake.notify_one();
                    error!(attempt.id = %attempt.id, %error, "charged, and the outcome could not be committed; the settling worker will take it up");
                    return Ok(in_progress(&committing, ask));
                }
            }
        }
        info!(session.id = %session.id, attempt.id = %attempt.id, amount = %attempt.amount, "completed");
        self.outbox_wake.notify_one();
        Ok(Answer::Fresh(reply.unwrap_or(crate::checkout::unit::Reply {
            status: 200,
            body: Vec::new(),
        })))
    }

    /// The checkout is open again and says why. Stock and codes go back: at once, and by the outbox should this host die.
    pub(super) async fn refuse(
        &self,
        mut session: Session,
        attempt: Attempt,
        state: AttemptState,
        reason: &str,
    ) -> Result<(), CheckoutError> {
        let before = attempt.state;
        let now = self.checkout.clock.now();
        let replaces = session.revision;
        session.revision += 1;
        session.updated = now;
        session.state = SessionState::Open;
        session.setback = Some(setback(state, reason));
        let attempt = Attempt {
            state,
            reason: Some(reason.to_owned()),
            settled: Some(now),
            ..attempt
        };
        let mut outbox = vec![release::message(&attempt, now)];
        if state == AttemptState::Declined {
            outbox.push(PaymentReport::of(&attempt, ReportedOutcome::Failed, now).message(&attempt));
        }
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session,
                replaces: Some(replaces),
            }),
            attempt: Some(AttemptWrite {
                attempt: attempt.clone(),
                replaces: Some(before),
            }),
            outbox: messages(outbox)?,
            ..UnitOfWork::default()
        };
        self.commit_outcome(&unit).await?;
        if let Err(error) = self.release(&attempt).await {
            warn!(attempt.id = %attempt.id, %error, "stock was not given back yet; the outbox will");
        }
        self.outbox_wake.notify_one();
        Ok(())
    }

    pub(super) async fn leave_unknown(&self, attempt: &Attempt, reason: &str) {
        warn!(attempt.id = %attempt.id, reason, "outcome unknown");
        let unknown = Attempt {
            state: AttemptState::Unknown,
            reason: Some(reason.to_owned()),
            unknown_since: attempt.unknown_since.or_else(|| Some(self.checkout.clock.now())),
            ..attempt.clone()
        };
        let write = AttemptWrite {
            attempt: unknown,
            replaces: Some(attempt.state),
        };
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        if let Err(error) = self.commit_outcome(&unit).await {
            error!(attempt.id = %attempt.id, %error, "an unknown outcome could not be committed; the settling worker will take it up");
        }
        // One that was unknown before is looked up in its turn; waking the worker for it would turn the worker in a circle.
        if attempt.state != AttemptState::Unknown {
            self.settle_wake.notify_one();
        }
    }

    /// A known outcome is worth some patience with the store.
    async fn commit_outcome(&self, unit: &UnitOfWork) -> Result<(), CommitError> {
        let mut tries = 1;
        loop {
            match self.checkout.store.commit(unit.clone()).await {
                Err(CommitError::Store(_)) if tries < COMMIT_TRIES => {
                    tokio::time::sleep(Duration::from_millis(50) * tries).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }
}

/// The error for a decline with this code.
pub(super) fn declined_with(code: String) -> CheckoutError {
    if code == AUTHENTICATION_REQUIRED {
        CheckoutError::AuthenticationRequired
    } else {
        CheckoutError::Declined { code }
    }
}

/// What the agent reads on the session. The processor's code and the risk rules are the operator's business.
fn setback(state: AttemptState, reason: &str) -> Message {
    let (code, text) = match (state, reason) {
        (AttemptState::Declined, AUTHENTICATION_REQUIRED) => (
            "requires_3ds",
            "The issuer asks the buyer to authenticate. Use another payment method.",
        ),
        (AttemptState::Declined, _) => (
            "payment_declined",
            "The payment was declined. Use another payment method.",
        ),
        _ => (
            "payment_declined",
            "The payment was not made. Issue a new payment token and try again.",
        ),
    };
    Message::error(code, Subject::Payment, text)
}

fn in_progress(session: &Session, ask: Option<&Ask>) -> Answer {
    let empty = crate::checkout::unit::Reply {
        status: 200,
        body: Vec::new(),
    };
    Answer::InProgress(ask.map_or(empty, |ask| (ask.render)(session)))
}

fn messages(
    messages: impl IntoIterator<Item = Result<OutboxMessage, serde_json::Error>>,
) -> Result<Vec<OutboxMessage>, CheckoutError> {
    messages
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| CheckoutError::Store(StoreError(format!("outbox message: {error}"))))
}
