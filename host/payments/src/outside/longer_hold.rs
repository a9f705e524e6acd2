//! A payment that takes its time: the buyer has paid, and the money comes later or not at all.

use std::time::Duration;

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::OutsidePayments;
use super::report::{Reported, Taken};

impl OutsidePayments {
    /// Hold the stock for so long from now, or as long as it is held already. A hold whose time is over is not begun again: its payment
    /// is for the operator.
    pub(super) async fn hold_longer(
        &self,
        mut session: Session,
        attempt: Attempt,
        time: Duration,
        reported: &Reported<'_>,
    ) -> Result<Taken, CheckoutError> {
        let AttemptStatus::Awaiting = attempt.status() else {
            return match attempt.status() {
                AttemptStatus::NeedsReview => self.keep_event(reported).await,
                // It has ended since the session was read.
                _ => Ok(Taken::LookAgain),
            };
        };
        self.check_amount(&attempt, reported).await?;
        if self.is_over(&attempt) {
            self.end_hold(attempt).await?;
            return Ok(Taken::LookAgain);
        }
        let asked = self.context.now().after(time);
        let until = attempt.held_until().map_or(asked, |held| held.max(asked));
        let checkout = &self.context.checkout;
        let merchant = checkout.merchants.get(&session.merchant)?;
        let replaces = checkout.bump_revision(&mut session, merchant);
        session.state = SessionState::Held {
            attempt: attempt.id.clone(),
            order: Box::new(attempt.order.clone()),
            until,
        };
        info!(session.id = %session.id, attempt.id = %attempt.id, until = until.0, "a payment elsewhere takes its time: its stock is held longer");
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session),
                replaces: Some(replaces),
            }),
            attempt: Some(attempt.held_longer(until)),
            event: reported.event.clone(),
            ..UnitOfWork::default()
        };
        self.context.commit_outcome(&unit).await?;
        Ok(Taken::Done)
    }
}
