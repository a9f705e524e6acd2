//! The end of an attempt: outcome, order, session, messages and recorded answer in one commit.

use std::time::Duration;

use tracing::{error, info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{OrderId, ProcessorReference};
use tillhouse_checkout::operation::{Answer, Ask};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{CommitError, DecisionError, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{AttemptWrite, OutboxMessage, Reply, SessionWrite, UnitOfWork};

use super::cause::Cause;
use super::judge::{AUTHENTICATION_REQUIRED, Verdict};
use super::report::{PaymentReport, ReportedOutcome};
use super::{Payments, deliver};

/// How often the commit of a known outcome is tried; after that, recovery looks the charge up.
const COMMIT_TRIES: u32 = 5;

/// How an attempt ends, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Money was taken.
    Approved(ProcessorReference),
    /// There is nothing to take: the order is made without a charge.
    NothingDue,
    /// The processor said no; carries its code.
    Declined(String),
    /// It was made sure that no money will move; carries how.
    Voided(String),
    /// Nothing was sent; carries why.
    NotSent(String),
    /// It is not known; carries why.
    Unknown(String),
    /// Money moved, and not as agreed; carries what differs.
    Differs(String),
}

impl From<Verdict> for Ending {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Approved(reference) => Self::Approved(reference),
            Verdict::Declined(code) => Self::Declined(code),
            Verdict::NotSent(reason) => Self::NotSent(reason),
            Verdict::Unknown(reason) => Self::Unknown(reason),
            Verdict::Differs(what) => Self::Differs(what),
        }
    }
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
        cause: Cause<'_>,
    ) -> Result<Answer, CheckoutError> {
        match ending {
            Ending::Approved(reference) => Box::pin(self.approve(session, attempt, Some(reference), cause)).await,
            Ending::NothingDue => Box::pin(self.approve(session, attempt, None, cause)).await,
            Ending::Declined(code) => {
                self.refuse(Some(session), attempt, AttemptState::Declined, &code, cause)
                    .await?;
                Err(declined_with(code))
            }
            Ending::Voided(how) => {
                self.refuse(Some(session), attempt, AttemptState::Voided, &how, cause)
                    .await?;
                Err(declined_with("canceled".to_owned()))
            }
            Ending::NotSent(reason) => {
                warn!(attempt.id = %attempt.id, reason, "the charge was not sent");
                self.refuse(Some(session), attempt, AttemptState::Failed, &reason, cause)
                    .await?;
                Err(CheckoutError::Decision(DecisionError::Unavailable {
                    plugin: "processor".to_owned(),
                    function: "payments.charge",
                    retry_after: None,
                }))
            }
            Ending::Unknown(reason) => {
                self.leave_unknown(&attempt, &reason).await;
                Ok(in_progress(&session, cause.ask))
            }
            Ending::Differs(what) => {
                self.review(&attempt, "amount_differs", &what, cause.clone()).await;
                Ok(in_progress(&session, cause.ask))
            }
        }
    }

    async fn approve(
        &self,
        session: Session,
        attempt: Attempt,
        reference: Option<ProcessorReference>,
        cause: Cause<'_>,
    ) -> Result<Answer, CheckoutError> {
        let mut approval = self.approval(&session, &attempt, reference.clone(), &cause)?;
        loop {
            let unit = cause.mark(approval.unit.clone());
            let refused = match self.commit_outcome(&unit).await {
                Ok(()) => break,
                Err(refused) => refused,
            };
            match refused {
                // The key was recorded by a request on another host; the money is what matters.
                CommitError::Idempotency if approval.unit.idempotency.take().is_some() => {}
                CommitError::Session => match self.still_paying(&attempt).await? {
                    Some(now) => approval = self.approval(&now, &attempt, reference.clone(), &cause)?,
                    None => {
                        let why = "the checkout is no longer being paid";
                        return self.undo_approval(session, attempt, reference, why, cause).await;
                    }
                },
                CommitError::Order => {
                    let why = "its order cannot be made: the order exists already";
                    return self.undo_approval(session, attempt, reference, why, cause).await;
                }
                CommitError::ReferenceSeen => {
                    let reference = reference.map(|it| it.to_string()).unwrap_or_default();
                    let seen = format!("the processor's reference {reference} belongs to another attempt");
                    self.review(&attempt, "reference_seen", &seen, cause.clone()).await;
                    return Ok(in_progress(&session, cause.ask));
                }
                error => {
                    self.settle_wake.notify_one();
                    error!(attempt.id = %attempt.id, %error, "approved, and the outcome could not be committed; the settling worker will take it up");
                    return Ok(in_progress(&session, cause.ask));
                }
            }
        }
        info!(session.id = %session.id, attempt.id = %attempt.id, amount = %attempt.amount, "completed");
        self.outbox_wake.notify_one();
        Ok(Answer::Fresh(approval.reply))
    }

    /// There can be no order: money that was taken goes back, and without a charge the attempt just ends.
    async fn undo_approval(
        &self,
        session: Session,
        attempt: Attempt,
        reference: Option<ProcessorReference>,
        why: &str,
        cause: Cause<'_>,
    ) -> Result<Answer, CheckoutError> {
        let ask = cause.ask;
        if let Some(reference) = reference {
            self.begin_voiding(&attempt, reference, why, &cause).await;
            return Ok(in_progress(&session, ask));
        }
        error!(attempt.id = %attempt.id, why, "an order without a charge cannot be made");
        self.refuse(Some(session), attempt, AttemptState::Failed, why, cause)
            .await?;
        Err(CheckoutError::OrderDeclined)
    }

    /// Everything that an approval changes.
    fn approval(
        &self,
        session: &Session,
        attempt: &Attempt,
        reference: Option<ProcessorReference>,
        cause: &Cause<'_>,
    ) -> Result<Approval, CheckoutError> {
        let now = self.checkout.clock.now();
        let order = order(attempt, now);
        let completed = Session {
            revision: session.revision + 1,
            updated: now,
            setback: None,
            state: SessionState::Completed {
                order: Box::new(order.clone()),
            },
            ..session.clone()
        };
        let events = self.announcer.order_created(&completed, &order, now);
        let approved = Attempt {
            state: AttemptState::Approved,
            processor_reference: reference,
            settled: Some(now),
            next_try: None,
            ..attempt.clone()
        };
        let report = PaymentReport::of(&approved, ReportedOutcome::Guaranteed, now).map(|it| it.message(&approved));
        let notice = deliver::order_created(&order);
        let reply = cause.ask.map(|ask| (ask.render)(&completed));
        let record = cause
            .ask
            .and_then(|ask| ask.claim.as_ref())
            .zip(reply.clone())
            .map(|(claim, reply)| claim.record(reply));
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: completed,
                replaces: Some(session.revision),
            }),
            attempt: Some(AttemptWrite::moving(approved, attempt.state)),
            order: Some(order),
            outbox: messages(report.into_iter().chain([notice]).chain(events.into_iter().map(Ok)))?,
            idempotency: record,
            ..UnitOfWork::default()
        };
        Ok(Approval {
            unit,
            reply: reply.unwrap_or_else(empty),
        })
    }

    /// The session, if this attempt still pays it.
    pub(super) async fn still_paying(&self, attempt: &Attempt) -> Result<Option<Session>, CheckoutError> {
        let session = self.checkout.retrieve(&attempt.merchant, &attempt.session).await?;
        Ok(is_paying(&session, attempt).then_some(session))
    }

    /// A known outcome is worth some patience with the store.
    pub(super) async fn commit_outcome(&self, unit: &UnitOfWork) -> Result<(), CommitError> {
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

/// An approval that is about to be committed.
struct Approval {
    unit: UnitOfWork,
    reply: Reply,
}

fn order(attempt: &Attempt, now: Timestamp) -> Order {
    Order {
        id: OrderId::new(attempt.order.id.as_str()),
        number: attempt.order.number.clone(),
        permalink: attempt.order.permalink.clone(),
        merchant: attempt.merchant.clone(),
        session: attempt.session.clone(),
        attempt: attempt.id.clone(),
        total: attempt.amount,
        created: now,
    }
}

/// Whether this attempt pays the session now.
pub(super) fn is_paying(session: &Session, attempt: &Attempt) -> bool {
    matches!(&session.state, SessionState::Committing { attempt: live, .. } if *live == attempt.id)
}

/// The error for a decline with this code.
pub(super) fn declined_with(code: String) -> CheckoutError {
    if code == AUTHENTICATION_REQUIRED {
        CheckoutError::AuthenticationRequired
    } else {
        CheckoutError::Declined { code }
    }
}

fn in_progress(session: &Session, ask: Option<&Ask>) -> Answer {
    Answer::InProgress(ask.map_or_else(empty, |ask| (ask.render)(session)))
}

const fn empty() -> Reply {
    Reply {
        status: 200,
        body: Vec::new(),
    }
}

/// Messages, or the store's error for one that cannot be written.
pub(super) fn messages(
    messages: impl IntoIterator<Item = Result<OutboxMessage, serde_json::Error>>,
) -> Result<Vec<OutboxMessage>, CheckoutError> {
    messages
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| CheckoutError::Store(StoreError(format!("outbox message: {error}"))))
}
