//! An attempt that is paid: outcome, order, session, messages and recorded response in one commit.

use tracing::{error, info};

use tillhouse_checkout::attempt::{Attempt, Paid};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ids::OrderId;
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::order::{Confirmation, Order, OrderProgress, OrderStatus, OrderWrite, OrderedLine};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::{Ending, Settlement, Trigger, empty, in_progress, messages};
use crate::outbox::PluginNotification;
use crate::outbox::report::{PaymentReport, ReportedOutcome};

impl Settlement {
    pub(super) async fn approve(
        &self,
        session: Session,
        attempt: Attempt,
        paid: Paid,
        trigger: Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let mut approval = self.approval(&session, &attempt, paid.clone(), &trigger)?;
        loop {
            let unit = trigger.add_to(approval.unit.clone());
            let refused = match self.context.commit_outcome(&unit).await {
                Ok(()) => break,
                Err(refused) => refused,
            };
            match refused {
                // The key was recorded by a request on another host; the money is what matters.
                CommitError::Idempotency if approval.unit.idempotency.take().is_some() => {}
                CommitError::Session => match self.context.session_paid_by(&attempt).await? {
                    Some(now) => approval = self.approval(&now, &attempt, paid.clone(), &trigger)?,
                    None => {
                        let why = "the checkout session is no longer being paid";
                        return self.undo_approval(session, attempt, paid, why, trigger).await;
                    }
                },
                CommitError::Order => {
                    let why = "its order cannot be made: the order exists already";
                    return self.undo_approval(session, attempt, paid, why, trigger).await;
                }
                CommitError::ReferenceSeen => {
                    let detail = reference_seen(paid.reference().map(ToString::to_string).unwrap_or_default());
                    self.request_review(&attempt, DiscrepancyKind::ReferenceSeen, &detail, &trigger)
                        .await;
                    return Ok(in_progress(&session, trigger.recorder()));
                }
                error => {
                    self.context.recovery_wake.notify_one();
                    error!(attempt.id = %attempt.id, %error, "failed to commit an approved charge; recovery will check its status");
                    return Ok(in_progress(&session, trigger.recorder()));
                }
            }
        }
        info!(session.id = %session.id, attempt.id = %attempt.id, amount = %attempt.amount, "completed");
        self.context.outbox_wake.notify_one();
        Ok(CheckoutResponse::Fresh(approval.reply))
    }

    /// The order cannot be made: a charge is voided or refunded, and without one the attempt just ends.
    async fn undo_approval(
        &self,
        session: Session,
        attempt: Attempt,
        paid: Paid,
        why: &str,
        trigger: Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        match paid {
            Paid::Charge(reference) => {
                Box::pin(self.begin_voiding(&attempt, reference, why, &trigger)).await;
                Ok(in_progress(&session, trigger.recorder()))
            }
            Paid::NothingDue | Paid::Unreferenced => {
                error!(attempt.id = %attempt.id, why, "an order without a charge cannot be made");
                let ending = Ending::order_not_made(why);
                Box::pin(self.end_unpaid(Some(session), attempt, ending, trigger)).await?;
                Err(CheckoutError::OrderDeclined)
            }
        }
    }

    /// Everything that an approval changes.
    pub(super) fn approval(
        &self,
        session: &Session,
        attempt: &Attempt,
        paid: Paid,
        trigger: &Trigger<'_>,
    ) -> Result<Approval, CheckoutError> {
        let now = self.context.now();
        let order = order(session, attempt, now);
        let completed = Session {
            revision: session.revision + 1,
            updated: now,
            last_payment_error: None,
            state: SessionState::Completed {
                order: Box::new(order.clone()),
            },
            ..session.clone()
        };
        let events = self.context.publisher.order_created(&completed, &order, now);
        let approved = attempt.approved(paid, now);
        let report = PaymentReport::of(attempt, ReportedOutcome::Guaranteed, now).map(|it| it.message(attempt));
        let notification = PluginNotification::of_new(&order).message(now);
        let recorder = trigger.recorder();
        let reply = recorder.map(|recorder| (recorder.render)(&completed));
        let record = recorder
            .and_then(|recorder| recorder.key.as_ref())
            .zip(reply.clone())
            .map(|(key, reply)| key.record(reply));
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(completed),
                replaces: Some(session.revision),
            }),
            attempt: Some(approved),
            order: Some(OrderWrite::new(order)),
            outbox: messages(
                report
                    .into_iter()
                    .chain([notification])
                    .chain(events.into_iter().map(Ok)),
            )?,
            idempotency: record,
            ..UnitOfWork::default()
        };
        Ok(Approval {
            unit,
            reply: reply.unwrap_or_else(empty),
        })
    }
}

/// An approval that is about to be committed.
pub(super) struct Approval {
    pub(super) unit: UnitOfWork,
    reply: Reply,
}

/// The discrepancy of a charge that another attempt has.
pub(super) fn reference_seen(reference: impl std::fmt::Display) -> String {
    format!("the processor's reference {reference} belongs to another attempt")
}

fn order(session: &Session, attempt: &Attempt, now: Timestamp) -> Order {
    Order {
        id: OrderId::new(attempt.order.id.as_str()),
        number: attempt.order.number.clone(),
        permalink: attempt.order.permalink.clone(),
        merchant: attempt.merchant.clone(),
        session: attempt.session.clone(),
        attempt: attempt.id.clone(),
        total: attempt.amount,
        created: now,
        progress: OrderProgress {
            lines: OrderedLine::of(&session.quote),
            confirmation: Confirmation {
                number: attempt.order.confirmation.clone(),
                ..Confirmation::default()
            },
            // Paid without stock: only the merchant knows whether it can be delivered.
            stated: attempt.history.without_stock.then_some(OrderStatus::ManualReview),
            ..OrderProgress::default()
        },
    }
}
