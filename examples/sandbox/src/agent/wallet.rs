//! The agent's source of payment tokens: the Stripe simulator's issuing helper.

use axum::http::Method;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::http::{Http, Outgoing};
use crate::clock::Clock;
use crate::id::TokenId;
use crate::money::Amount;
use crate::secret::Secret;
use crate::stripe::Stripe;

/// How long a token is valid.
const LIFETIME_SECS: i64 = 60 * 60;

/// Issues tokens limited to exactly one session's total.
#[derive(Clone, Debug)]
pub struct Wallet {
    http: Http,
    secret_key: Secret,
    clock: Clock,
}

impl Wallet {
    /// A wallet that uses the Stripe simulator with this base URL.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`].
    pub fn new(stripe_url: &str, secret_key: Secret, clock: Clock) -> Result<Self, AgentError> {
        Ok(Self {
            http: Http::new(stripe_url)?,
            secret_key,
            clock,
        })
    }

    /// A wallet that uses a simulator in this process.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`]; cannot happen for the address of a running simulator.
    pub fn at(stripe: &Stripe, clock: &Clock) -> Result<Self, AgentError> {
        Self::new(&stripe.url(), stripe.secret_key().clone(), clock.clone())
    }

    /// Issues a token for `amount`, which is in Stripe's units; its id is the `id` of the answer.
    ///
    /// # Errors
    /// [`AgentError::Refused`] with Stripe's error, or [`AgentError::NoAnswer`].
    pub async fn issue(&self, payment_method: &str, amount: &Amount) -> Result<Exchange, AgentError> {
        let parameters = [
            ("payment_method", payment_method.to_owned()),
            ("usage_limits[currency]", amount.currency.to_string()),
            ("usage_limits[max_amount]", amount.value.to_string()),
            (
                "usage_limits[expires_at]",
                (self.clock.now() + LIFETIME_SECS).to_string(),
            ),
        ];
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&parameters)
            .finish();
        let shown: Map<String, Value> = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let headers = vec![
            ("authorization", format!("Bearer {}", self.secret_key.reveal())),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("idempotency-key", uuid::Uuid::new_v4().to_string()),
        ];
        let outgoing = Outgoing {
            step: Step::IssueToken,
            method: Method::POST,
            path: "/v1/test_helpers/shared_payment/granted_tokens".to_owned(),
            headers,
            body: body.into(),
            shown: Some(shown.into()),
        };
        self.http.send(outgoing).await?.accepted()
    }

    /// Issues a token and returns only its id, for tests that make the requests themselves.
    ///
    /// # Errors
    /// Those of [`Wallet::issue`].
    pub async fn token(&self, payment_method: &str, amount: &Amount) -> Result<TokenId, AgentError> {
        self.issue(payment_method, amount)
            .await?
            .text("/id", "id")
            .map(TokenId::from)
    }
}
