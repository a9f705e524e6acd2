//! The merchant's risk decision about a payment.

use tracing::warn;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{RiskDecision, RiskRequest, RiskSignal, TokenAgent};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::CompleteRequest;
use tillhouse_checkout::ports::{Phase, PhaseKind};
use tillhouse_checkout::session::Session;

use super::Paying;
use crate::settlement::declined;
use crate::token::GrantedToken;

/// What the risk rules say of a payment that they do not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RiskAnswer {
    /// It may be made.
    Accepted,
    /// It may be made only after the buyer was authenticated.
    Challenged,
}

impl Paying {
    /// Ask before the credential is used. Fails closed: without a decision there is no charge.
    pub(super) async fn assess_risk(
        &self,
        session: &Session,
        attempt: &Attempt,
        request: &CompleteRequest,
        token: Option<&GrantedToken>,
    ) -> Result<RiskAnswer, CheckoutError> {
        let checkout = &self.context.checkout;
        let scope = checkout.scope(session, PhaseKind::Payment);
        let mut phase = checkout.decisions.open(scope).await?;
        let of_token = token.into_iter().flat_map(|token| &token.signals);
        let question = RiskRequest {
            cart: session.cart.clone(),
            total: attempt.amount.amount,
            billing: attempt.billing.clone(),
            card: token.map(|token| token.card.clone()),
            device: attempt.device.clone(),
            signals: request.signals.iter().chain(of_token).cloned().collect(),
            checks: token.map(|token| token.checks.clone()).unwrap_or_default(),
            authentication: request
                .authentication
                .as_ref()
                .map(|result| result.outcome.name().to_owned()),
            token_agent: token.map(token_agent).unwrap_or_default(),
        };
        match phase.assess_risk(&question).await? {
            RiskDecision::Allow => Ok(RiskAnswer::Accepted),
            RiskDecision::Review(reason) => {
                warn!(session.id = %session.id, reason, "payment accepted; risk rules ask for a review");
                Ok(RiskAnswer::Accepted)
            }
            // Without a card there is nothing to authenticate with.
            RiskDecision::Challenge(reason) if attempt.token().is_none() => {
                warn!(session.id = %session.id, reason, "order refused; risk rules ask for an authentication, and nothing is due");
                Err(CheckoutError::OrderDeclined)
            }
            RiskDecision::Challenge(reason) => {
                warn!(session.id = %session.id, reason, "risk rules ask for an authentication of the buyer");
                Ok(RiskAnswer::Challenged)
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

/// Ask about a payment that another party takes. Neither its card is known here, nor can its buyer be authenticated from here.
pub(super) async fn assess_without_card(
    phase: &mut dyn Phase,
    session: &Session,
    device: &Device,
    signals: &[RiskSignal],
) -> Result<(), CheckoutError> {
    let question = RiskRequest {
        cart: session.cart.clone(),
        total: session.quote.totals.total,
        billing: session.cart.billing.clone(),
        card: None,
        device: device.clone(),
        signals: signals.to_vec(),
        checks: Vec::new(),
        authentication: None,
        token_agent: TokenAgent::default(),
    };
    match phase.assess_risk(&question).await? {
        RiskDecision::Allow => Ok(()),
        RiskDecision::Review(reason) => {
            warn!(session.id = %session.id, reason, "checkout held; risk rules ask for a review");
            Ok(())
        }
        RiskDecision::Challenge(reason) | RiskDecision::Block(reason) => {
            warn!(session.id = %session.id, reason, "checkout not held: blocked by risk rules");
            Err(declined("risk".to_owned()))
        }
    }
}

fn token_agent(token: &GrantedToken) -> TokenAgent {
    TokenAgent {
        profile: token.agent_profile.clone(),
        name: token.agent_name.clone(),
    }
}
