//! What the issuer of a token reports of it between our own calls.

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::inbox::{InboxEvent, TokenDeactivation};

use super::Recovery;

impl Recovery {
    /// Keep that a token is deactivated: an attempt that resolves it later reads that first. Returns whether an attempt of the merchant may
    /// have resolved the token before.
    ///
    /// # Errors
    /// When the store gives no answer: the sender then sends the event again.
    pub async fn keep_deactivation(
        &self,
        event: &InboxEvent,
        deactivation: &TokenDeactivation,
    ) -> Result<bool, CheckoutError> {
        self.keep_event(deactivation.kept(event)).await?;
        let (store, any_session) = (self.context.store(), SessionId::new(""));
        let used = store.token_used(&event.merchant, &deactivation.token, &any_session);
        Ok(used.await?)
    }
}
