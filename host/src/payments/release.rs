//! Giving back what an ended attempt held: stock and codes.

use std::time::Duration;

use crate::checkout::attempt::Attempt;
use crate::checkout::error::CheckoutError;
use crate::checkout::ports::{CommitError, PhaseKind, PhaseScope};
use crate::checkout::time::Timestamp;
use crate::checkout::unit::{OutboxMessage, UnitOfWork};

use super::Payments;

/// Kind of the outbox message.
pub const KIND: &str = "checkout.release";

/// The release is tried at once; the message is for the case that this host dies before it is done.
const SECOND_TRY: Duration = Duration::from_secs(5);

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
    /// Give back. The plugin knows the reservation by its id, so a second time has no effect.
    ///
    /// # Errors
    /// What the plugin or the store says; it may be tried again.
    pub(super) async fn release(&self, attempt: &Attempt) -> Result<(), CheckoutError> {
        let mut round = 1;
        loop {
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
            let unit = UnitOfWork {
                staged: phase.finish().staged,
                ..UnitOfWork::default()
            };
            match self.checkout.store.commit(unit).await {
                Err(CommitError::PluginData) if round < MAX_ROUNDS => round += 1,
                other => return Ok(other?),
            }
        }
    }
}
