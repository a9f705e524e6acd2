//! The merchant's risk decision about a payment.

use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{RiskDecision, RiskRequest};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::CompleteRequest;
use tillhouse_checkout::ports::PhaseKind;
use tillhouse_checkout::session::Session;

use super::Paying;
use crate::settlement::declined;

impl Paying {
    /// Ask before the credential is used. Fails closed: without a decision there is no charge.
    pub(super) async fn assess_risk(
        &self,
        session: &Session,
        attempt: &Attempt,
        request: &CompleteRequest,
        card: Option<CardDisplay>,
    ) -> Result<(), CheckoutError> {
        let checkout = &self.context.checkout;
        let scope = checkout.scope(session, PhaseKind::Payment);
        let mut phase = checkout.decisions.open(scope).await?;
        let question = RiskRequest {
            cart: session.cart.clone(),
            total: attempt.amount.amount,
            billing: attempt.billing.clone(),
            card,
            device: request.device.clone(),
            signals: request.signals.clone(),
            checks: Vec::new(),
            authentication: request.authentication.map(|outcome| outcome.name().to_owned()),
        };
        match phase.assess_risk(&question).await? {
            RiskDecision::Allow => Ok(()),
            RiskDecision::Review(reason) => {
                warn!(session.id = %session.id, reason, "payment accepted; risk rules ask for a review");
                Ok(())
            }
            // Refused whatever the agent sent: a completion with a result of an authentication is refused before, so that none could
            // answer the challenge yet.
            RiskDecision::Challenge(reason) => {
                warn!(session.id = %session.id, reason, "payment refused; risk rules ask for an authentication of the buyer");
                Err(match attempt.token() {
                    Some(_) => CheckoutError::AuthenticationRequired,
                    // Without a card there is nothing to authenticate with.
                    None => CheckoutError::OrderDeclined,
                })
            }
            RiskDecision::Block(reason) => {
                warn!(session.id = %session.id, reason, "payment blocked by risk rules");
                Err(match attempt.token() {
                    Some(_) => declined("risk".to_owned()),
                    None => CheckoutError::OrderDeclined,
                })
            }
        }
    }
}
