//! Telling the merchant's plugin that a session ended without an order.

#[cfg(test)]
mod tests;

use tillhouse_checkout::decision::{Operation, SessionEnd};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::{DeliveryError, PhaseKind};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Outbox;

impl Outbox {
    /// Calls `sessions.ended`. A session that ended does not change any more, so that every delivery tells the same, and neither an
    /// operator who looks at the message nor a log sees what the agent wrote.
    pub(super) async fn tell_session_ended(&self, message: &OutboxMessage, tries: u32) -> Result<(), DeliveryError> {
        let store = self.context.store();
        let id: SessionId = super::delivery::parse(message)?;
        let session = store.session(&message.merchant, &id).await?;
        let session = session.ok_or_else(|| DeliveryError::Permanent(format!("there is no checkout session {id}")))?;
        let scope = self.context.checkout.scope(&session, PhaseKind::Notify);
        let state = session.state.name();
        let end = SessionEnd::of(session)
            .ok_or_else(|| DeliveryError::Permanent(format!("checkout session {id} is {state}: it has not ended")))?;
        let operation = Operation {
            id: format!("{id}:ended"),
            attempt: tries.saturating_add(1),
            idempotency_key: id.to_string(),
            reference: id.to_string(),
            now: scope.now,
        };
        let opened = self.context.checkout.decisions.open(scope).await;
        let mut phase = opened.map_err(CheckoutError::from)?;
        phase
            .session_ended(&operation, &end)
            .await
            .map_err(CheckoutError::from)?;
        let unit = UnitOfWork {
            staged: phase.finish().staged,
            ..UnitOfWork::default()
        };
        Ok(store.commit(unit).await.map_err(CheckoutError::from)?)
    }
}
