//! Cancels a session whose payment waits for the buyer: the payment ends with it, in one commit.

use tracing::warn;

use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};

use super::Paying;
use crate::settlement::Ending;

impl Paying {
    /// Cancel a session whose payment waits for the buyer, for the reason that the agent gives. `None` if its payment does not wait.
    ///
    /// # Errors
    /// If the caller has no such session, or a completion continues the payment.
    pub async fn cancel_waiting(
        &self,
        caller: &Caller,
        id: &SessionId,
        trace: Option<&IntentTrace>,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        let checkout = &self.context.checkout;
        let session = checkout.retrieve(caller, id).await?;
        let SessionState::AuthenticationRequired { attempt, .. } = &session.state else {
            return Ok(None);
        };
        let permit = recorder.deadline.begin_commit()?;
        let Some((attempt, _guard)) = self.lease_waiting(attempt).await? else {
            return Err(CheckoutError::InFlight);
        };
        let canceled = Session {
            intent_trace: trace.cloned(),
            ..session.clone()
        };
        let ending = Ending::canceled_by_agent(&attempt);
        let ended = self.settlement.cancel(canceled, attempt.clone(), ending, recorder);
        let error = match Box::pin(ended).await {
            Ok(reply) => {
                permit.done();
                return Ok(Some(CheckoutResponse::Fresh(reply)));
            }
            Err(error) => error,
        };
        drop(permit);
        // The buyer may still pay, and another cancellation may end the payment.
        if let Err(error) = Box::pin(self.settlement.await_buyer_again(session, attempt)).await {
            warn!(%error, "a payment that was not canceled waits for the end of its lease");
        }
        match error {
            CheckoutError::Conflict(conflict @ CommitError::Idempotency) => {
                checkout.replay_or_error(conflict, recorder).await.map(Some)
            }
            error => Err(error),
        }
    }
}
