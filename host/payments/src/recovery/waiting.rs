//! Attempts that wait for the buyer's authentication, and those whose proof of it was lost with the request that brought it.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::CheckoutError;

use super::Recovery;
use crate::settlement::{Ending, Trigger};

impl Recovery {
    /// End an attempt whose time to wait is over.
    pub(super) async fn end_waiting(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let session = self.context.session_paid_by(&attempt).await?;
        let is_over = attempt
            .authentication_wait()
            .is_none_or(|wait| wait.until <= self.context.now());
        match session {
            Some(session) if !is_over => Box::pin(self.settlement.await_buyer_again(session, attempt)).await,
            session => {
                let ending = Ending::authentication_expired(&attempt);
                let end = self.settlement.end_unpaid(session, attempt, ending, Trigger::Recovery);
                Box::pin(end).await
            }
        }
    }

    /// Nothing was sent to the processor, and the proof of the authentication was in memory only: the attempt is not charged without it.
    pub(super) async fn return_to_buyer(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        if let Some(session) = self.context.session_paid_by(&attempt).await? {
            return Box::pin(self.settlement.await_buyer_again(session, attempt)).await;
        }
        let ending = Ending::interrupted(&attempt, "its checkout session is not being paid");
        let end = self.settlement.end_unpaid(None, attempt, ending, Trigger::Recovery);
        Box::pin(end).await
    }
}
