//! Giving back what an ended attempt held: stock and codes.

use std::time::Duration;

use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{CommitError, PhaseKind, PhaseScope};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{OutboxMessage, Staged, UnitOfWork};

use super::Payments;

/// Kind of the outbox message.
pub const KIND: &str = "checkout.release";

/// The release is tried at once; the message is for the case that this host dies before it is done.
const SECOND_TRY: Duration = Duration::from_secs(5);

/// How long the end of an attempt waits for what gives its stock back.
const PATIENCE: Duration = Duration::from_millis(500);

const MAX_ROUNDS: u32 = 8;

/// The message that sees to it.
///
/// # Errors
/// Never for an attempt of ours.
pub fn message(attempt: &Attempt, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
    Ok(OutboxMessage {
        merchant: attempt.merchant.clone(),
        kind: KIND.to_owned(),
        stream: None,
        dedupe: attempt.id.to_string(),
        payload: serde_json::to_string(&attempt.id)?,
        due: now.after(SECOND_TRY),
    })
}

impl Payments {
    /// What gives back, to be committed together with the end of the attempt, so that nobody sees the checkout open and its
    /// stock gone. `None` where it has to be given back afterwards.
    ///
    /// Nothing that the plugin does here can lose or hold up the end: a trap, a refusal or a call that takes its time is left
    /// to [`Self::release`]. So is stock that lives elsewhere: it would be free before it is sure that the attempt ends so,
    /// because another host may have taken it over.
    pub(super) async fn staged_release(&self, attempt: &Attempt) -> Option<Staged> {
        if !self.checkout.decisions.keeps_stock_here(&attempt.merchant) {
            return None;
        }
        match tokio::time::timeout(PATIENCE, self.give_stock_back(attempt, 1)).await {
            Ok(Ok(staged)) => Some(staged),
            Ok(Err(error)) => {
                warn!(attempt.id = %attempt.id, %error, "stock cannot be given back with the end of its attempt");
                None
            }
            Err(_) => {
                warn!(attempt.id = %attempt.id, "giving stock back takes longer than the end of its attempt waits");
                None
            }
        }
    }

    /// Give back. The plugin knows the reservation by its id, so a second time has no effect.
    ///
    /// # Errors
    /// What the plugin or the store says; it may be tried again.
    pub(super) async fn release(&self, attempt: &Attempt) -> Result<(), CheckoutError> {
        let mut round = 1;
        loop {
            let unit = UnitOfWork {
                staged: self.give_stock_back(attempt, round).await?,
                ..UnitOfWork::default()
            };
            match self.checkout.store.commit(unit).await {
                Err(CommitError::PluginData) if round < MAX_ROUNDS => round += 1,
                other => return Ok(other?),
            }
        }
    }

    /// Have the plugin give back; what it staged is not committed yet.
    async fn give_stock_back(&self, attempt: &Attempt, round: u32) -> Result<Staged, CheckoutError> {
        let scope = PhaseScope {
            merchant: attempt.merchant.clone(),
            session: attempt.session.clone(),
            kind: PhaseKind::Release,
            now: self.checkout.clock.now(),
            currency: attempt.amount.currency,
            locale: None,
        };
        let mut phase = self.checkout.decisions.open(scope).await?;
        let operation = super::operation(attempt, round, self.checkout.clock.now());
        phase.release(&operation, &attempt.reservation).await?;
        if !attempt.redeemed.is_empty() {
            phase.restore(&operation, &attempt.redeemed).await?;
        }
        Ok(phase.finish().staged)
    }
}
