//! Completion: the token and its issuer, and what comes with the payment.

use axum::http::StatusCode;

use super::AgentCall;
use crate::adyen::agent::requests::Completion;
use crate::adyen::errors::RefusedRequest;
use crate::adyen::session_answers::refuse_card_number;
use crate::error_response::RequestedLines;
use crate::idempotent_post::PostError;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::ids::{SessionId, TokenId};
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

impl AgentCall {
    pub(super) async fn complete(
        &self,
        session: &SessionId,
        completion: Completion,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let refused_request = RefusedRequest {
            lines: RequestedLines::default(),
            consents: completion.consents.clone(),
        };
        refuse_card_number(&completion.token, &refused_request)?;
        let token = match self.token(&completion) {
            Ok(token) => token,
            Err(error) => return Err(self.refused(&error, Some(session), refused_request).await),
        };
        let limits = &self.state.limits;
        let request = CompleteRequest {
            caller: self.caller.clone(),
            session: session.clone(),
            token,
            expected: None,
            authentication: None,
            billing: completion.billing,
            edit: completion.edit,
            device: Device::default(),
            signals: Vec::new(),
            consents: completion.consents,
            attribution: completion.attribution,
            deadline: Some(limits.complete_deadline.saturating_sub(self.arrived.elapsed())),
        };
        let declined = self.answers.render_declined(StatusCode::OK);
        let recorder = self.recorder(StatusCode::OK, key).showing_declined(declined);
        match self.state.service.complete(request, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, Some(session), refused_request).await),
        }
    }

    /// The token with its issuer. Those of the host's vault and of Stripe are known by how they begin; Adyen's are opaque.
    fn token(&self, completion: &Completion) -> Result<PaymentToken, CheckoutError> {
        let provider = completion.provider.as_str();
        let agent = self.answers.settings.agent.as_ref();
        if !agent.is_some_and(|agent| agent.providers.iter().any(|taken| taken == provider)) {
            return Err(CheckoutError::UnsupportedPayment(provider.to_owned()));
        }
        let issuer = match (provider, IssuerName::of_token(&completion.token)) {
            (_, Some(IssuerName::Vault)) => IssuerName::Vault,
            ("stripe", _) => IssuerName::Stripe,
            (_, None | Some(IssuerName::Adyen)) => IssuerName::Adyen,
            (_, Some(IssuerName::Stripe)) => return Err(PaymentTokenError::Unknown.into()),
        };
        Ok(PaymentToken {
            issuer,
            id: TokenId::new(completion.token.as_str()),
        })
    }
}
