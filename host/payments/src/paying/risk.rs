//! The merchant's risk decision about a payment.

use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{RiskDecision, RiskRequest, TokenAgent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::CompleteRequest;
use tillhouse_checkout::ports::PhaseKind;
use tillhouse_checkout::session::Session;

use super::Paying;
use crate::settlement::declined;
use crate::token::GrantedToken;

impl Paying {
    /// Ask before the credential is used. Fails closed: without a decision there is no charge.
    pub(super) async fn assess_risk(
        &self,
        session: &Session,
        attempt: &Attempt,
        request: &CompleteRequest,
        token: Option<&GrantedToken>,
    ) -> Result<(), CheckoutError> {
        let checkout = &self.context.checkout;
        let scope = checkout.scope(session, PhaseKind::Payment);
        let mut phase = checkout.decisions.open(scope).await?;
        let of_token = token.into_iter().flat_map(|token| &token.signals);
        let question = RiskRequest {
            cart: session.cart.clone(),
            total: attempt.amount.amount,
            billing: attempt.billing.clone(),
            card: token.map(|token| token.card.clone()),
            device: request.device.clone(),
            signals: request.signals.iter().chain(of_token).cloned().collect(),
            checks: token.map(|token| token.checks.clone()).unwrap_or_default(),
            authentication: request
                .authentication
                .as_ref()
                .map(|result| result.outcome.name().to_owned()),
            token_agent: token.map(token_agent).unwrap_or_default(),
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

fn token_agent(token: &GrantedToken) -> TokenAgent {
    TokenAgent {
        profile: token.agent_profile.clone(),
        name: token.agent_name.clone(),
    }
}
