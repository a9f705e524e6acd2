//! Whether the buyer has to authenticate before the charge: by the merchant's processor, or by the merchant's risk rules.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::authentication::ThreeDSecure;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::Session;

use super::Paying;
use super::risk::RiskAnswer;
use crate::settlement::declined;
use crate::token::GrantedToken;

impl Paying {
    /// What the buyer has to do before the charge; `None` for nothing. An attempt with the result of an authentication is charged with
    /// it. Nothing is asked of an agent that cannot authenticate its buyer: its payment is declined, and its token kept.
    pub(super) async fn required_authentication(
        &self,
        session: &Session,
        attempt: &Attempt,
        token: &GrantedToken,
        risk: RiskAnswer,
    ) -> Result<Option<ThreeDSecure>, CheckoutError> {
        if let Some(proof) = &attempt.history.proof {
            return match risk {
                RiskAnswer::Challenged if !proof.outcome.answers_a_challenge() => {
                    Err(declined(format!("authentication_{}", proof.outcome.name())))
                }
                RiskAnswer::Accepted | RiskAnswer::Challenged => Ok(None),
            };
        }
        let asked = self
            .charging
            .authentication_requirements(session, attempt, token.card.clone())
            .await?;
        match (asked, risk) {
            (None, RiskAnswer::Accepted) => Ok(None),
            (Some(requirements), _) if session.agent.can_authenticate() => Ok(Some(requirements)),
            // Without the processor's requirements there is nothing that an agent could authenticate with.
            _ => Err(CheckoutError::AuthenticationRequired),
        }
    }
}
