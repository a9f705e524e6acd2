//! Releasing what an ended attempt held: stock and discount codes.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{Operation, Reservation, ReservationResult};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{AttemptId, MerchantId, ReservationId, SessionId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::plugin_data::StagedChanges;
use tillhouse_checkout::ports::{CommitError, DecisionError, Phase, PhaseEnd, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::context::PaymentContext;
use crate::operation::operation;

/// The release is tried at once; the message is for the case that this host dies before it is done.
const SECOND_TRY: Duration = Duration::from_secs(5);

/// How long the end of an attempt waits for the release to be staged.
const STAGING_TIMEOUT: Duration = Duration::from_millis(500);

const MAX_ROUNDS: u32 = 8;

/// The message by which the outbox releases the reservation.
///
/// # Errors
/// When it cannot be serialized, which cannot happen for an attempt.
pub(crate) fn message(attempt: &Attempt, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
    release_of(&attempt.merchant, &attempt.session, &attempt.id, now.after(SECOND_TRY))
}

/// The message by which the outbox releases the stock of a hold whose time is over. Stock that is reserved for the attempt later is
/// another reservation, and stays.
///
/// # Errors
/// When it cannot be serialized, which cannot happen for an attempt.
pub(crate) fn of_expired_hold(attempt: &Attempt, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
    let released = Released::Reservation {
        attempt: attempt.id.clone(),
        reservation: attempt.reservation.id.clone(),
    };
    let message = release_of(&attempt.merchant, &attempt.session, &attempt.id, now.after(SECOND_TRY))?;
    Ok(OutboxMessage {
        dedupe: format!("{}-hold", attempt.id),
        payload: serde_json::to_string(&released)?,
        ..message
    })
}

/// What a message releases: the payload.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Released {
    /// Whatever the attempt has.
    Attempt(AttemptId),
    /// One reservation of it.
    Reservation {
        attempt: AttemptId,
        reservation: ReservationId,
    },
}

impl Released {
    pub(crate) const fn attempt(&self) -> &AttemptId {
        match self {
            Self::Attempt(attempt) | Self::Reservation { attempt, .. } => attempt,
        }
    }

    /// The attempt, with the reservation that is released.
    pub(crate) fn of(self, mut attempt: Attempt) -> Attempt {
        if let Self::Reservation { reservation, .. } = self {
            attempt.reservation.id = reservation;
        }
        attempt
    }
}

/// The message by which the outbox releases what an order has that is canceled as a whole: nothing of it was sold.
///
/// # Errors
/// When it cannot be serialized, which cannot happen for an order.
pub(crate) fn of_canceled(order: &Order, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
    release_of(&order.merchant, &order.session, &order.attempt, now)
}

fn release_of(
    merchant: &MerchantId,
    session: &SessionId,
    attempt: &AttemptId,
    due: Timestamp,
) -> Result<OutboxMessage, serde_json::Error> {
    Ok(OutboxMessage {
        destination: None,
        merchant: merchant.clone(),
        kind: MessageKind::ReleaseReservation,
        stream: None,
        session: Some(session.clone()),
        dedupe: attempt.to_string(),
        payload: serde_json::to_string(attempt)?,
        due,
    })
}

/// Releases the reservations of ended attempts.
#[derive(Clone, Debug)]
pub(crate) struct ReservationRelease {
    context: Arc<PaymentContext>,
}

impl ReservationRelease {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// The release, to be committed together with the end of the attempt, so that no client sees the session open and its stock
    /// gone. `None` where it has to be released afterwards.
    ///
    /// Nothing that the plugin does here can lose or delay the end: a trap, a refusal or a slow call is left to
    /// [`Self::release`]. So is stock that lives outside the host: it would be free before it is certain that the attempt ends
    /// unpaid, because another host may have taken the attempt over.
    pub(crate) async fn stage(&self, attempt: &Attempt) -> Option<StagedChanges> {
        if attempt.history.without_stock {
            return Some(StagedChanges::default());
        }
        if !self.context.checkout.decisions.keeps_stock_here(&attempt.merchant) {
            return None;
        }
        match tokio::time::timeout(STAGING_TIMEOUT, self.call_plugin(attempt, 1)).await {
            Ok(Ok(staged)) => Some(staged),
            Ok(Err(error)) => {
                warn!(attempt.id = %attempt.id, %error, "failed to release the reservation with the end of its attempt; will retry after the commit");
                None
            }
            Err(_) => {
                warn!(attempt.id = %attempt.id, "releasing the reservation timed out; will retry after the commit");
                None
            }
        }
    }

    /// Release the reservation. The plugin knows it by its id, so that a second release has no effect.
    ///
    /// # Errors
    /// What the plugin or the store says; it may be retried.
    pub(crate) async fn release(&self, attempt: &Attempt) -> Result<(), CheckoutError> {
        let mut round = 1;
        loop {
            let unit = UnitOfWork {
                staged: self.call_plugin(attempt, round).await?,
                ..UnitOfWork::default()
            };
            match self.context.store().commit(unit).await {
                Err(CommitError::PluginData) if round < MAX_ROUNDS => round += 1,
                other => return Ok(other?),
            }
        }
    }

    /// Reserve stock for an attempt that holds none and is paid, and redeem its codes as far as they go: the attempt with that, and what
    /// the phase leaves to commit. `None` if the stock is gone.
    ///
    /// # Errors
    /// When the plugin gives no answer.
    pub(crate) async fn reserve_again(
        &self,
        attempt: &Attempt,
        round: u32,
    ) -> Result<Option<(Attempt, PhaseEnd)>, CheckoutError> {
        let scope = self.context.attempt_scope(attempt, PhaseKind::Reserve);
        let mut phase = self.context.checkout.decisions.open(scope).await?;
        // Neither the operation nor the reservation of before, which may be released yet again.
        let id = format!("{}-again", attempt.id);
        let operation = Operation {
            id: id.clone(),
            ..operation(attempt, round, self.context.now())
        };
        let reservation = Reservation {
            id: ReservationId::new(id),
            ..attempt.reservation.clone()
        };
        if let ReservationResult::Insufficient(_) = phase.reserve(&operation, &reservation).await? {
            return Ok(None);
        }
        if !attempt.redeemed.is_empty()
            && let Err(error) = phase.redeem(&operation, &attempt.redeemed).await
        {
            warn!(attempt.id = %attempt.id, %error, "a discount code of a paid order was not redeemed again");
        }
        Ok(Some((attempt.with_stock(reservation), phase.finish())))
    }

    /// A phase that finds what a hold has free again, as long as that stock is kept here: a hold is changed without being given up.
    /// Nothing of it is released unless the end of the phase is committed.
    ///
    /// # Errors
    /// What the plugin says of the release.
    pub(crate) async fn phase_without(
        &self,
        scope: PhaseScope,
        held: &Attempt,
    ) -> Result<Box<dyn Phase>, DecisionError> {
        let decisions = &self.context.checkout.decisions;
        let mut phase = decisions.open(scope).await?;
        if !held.history.without_stock && decisions.keeps_stock_here(&held.merchant) {
            self.release_in(phase.as_mut(), held, 1).await?;
        }
        Ok(phase)
    }

    /// Whether [`Self::phase_without`] leaves the stock of a hold to be released after the commit.
    pub(crate) fn is_left_by_phase(&self, held: &Attempt) -> bool {
        !held.history.without_stock && !self.context.checkout.decisions.keeps_stock_here(&held.merchant)
    }

    /// Call the plugin; what it staged is not committed yet.
    async fn call_plugin(&self, attempt: &Attempt, round: u32) -> Result<StagedChanges, CheckoutError> {
        let scope = self.context.attempt_scope(attempt, PhaseKind::Release);
        let mut phase = self.context.checkout.decisions.open(scope).await?;
        self.release_in(phase.as_mut(), attempt, round).await?;
        Ok(phase.finish().staged)
    }

    async fn release_in(&self, phase: &mut dyn Phase, attempt: &Attempt, round: u32) -> Result<(), DecisionError> {
        let operation = operation(attempt, round, self.context.now());
        phase.release(&operation, &attempt.reservation).await?;
        if !attempt.redeemed.is_empty() {
            phase.restore(&operation, &attempt.redeemed).await?;
        }
        Ok(())
    }
}
