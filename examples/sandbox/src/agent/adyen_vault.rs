//! The vault of an agent that buys through Adyen: it has the card, and gets a token for one payment.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::basket::Basket;
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::http::{Http, Outgoing};
use crate::adyen::{Adyen, DELEGATE_PATH, DELEGATE_VERSION};
use crate::card::TestCard;
use crate::clock::{Clock, year_and_month};
use crate::money::Amount;
use crate::secret::Secret;

/// How long a token is valid.
const LIFETIME_SECS: i64 = 60 * 60;

/// Delegates test cards to Adyen's vault, or to another one with the same API.
#[derive(Clone, Debug)]
pub struct AdyenVault {
    http: Http,
    key: Secret,
    merchant_id: String,
    clock: Clock,
}

impl AdyenVault {
    /// A vault that delegates at this base URL, for payments to this company account or merchant account.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`].
    pub fn new(base_url: &str, key: Secret, merchant_id: impl Into<String>, clock: Clock) -> Result<Self, AgentError> {
        Ok(Self {
            http: Http::new(base_url)?,
            key,
            merchant_id: merchant_id.into(),
            clock,
        })
    }

    /// A vault that uses a simulator in this process.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`]; cannot happen for the address of a running simulator.
    pub fn at(adyen: &Adyen, merchant_id: impl Into<String>, clock: &Clock) -> Result<Self, AgentError> {
        Self::new(
            &adyen.url(),
            adyen.config().vault_key.clone(),
            merchant_id,
            clock.clone(),
        )
    }

    /// Delegates the basket's card for one payment of a session; the token is the `id` of the answer.
    ///
    /// # Errors
    /// [`AgentError::Refused`] with the vault's error, or [`AgentError::NoAnswer`].
    pub async fn delegate(&self, basket: &Basket, session_id: &str, amount: &Amount) -> Result<Exchange, AgentError> {
        let body = self.body(basket, session_id, amount)?;
        self.send(&body).await?.accepted()
    }

    /// The body of a delegation, for tests that change something in it.
    ///
    /// # Errors
    /// [`AgentError::Inexpressible`] for a payment method that is not a test card.
    pub fn body(&self, basket: &Basket, session_id: &str, amount: &Amount) -> Result<Value, AgentError> {
        let card = TestCard::by_payment_method(&basket.payment_method).ok_or_else(|| AgentError::Inexpressible {
            protocol: "delegate_payment".to_owned(),
            what: "a card that is not a test card",
        })?;
        let expires = Timestamp::from_second(self.clock.now().saturating_add(LIFETIME_SECS)).unwrap_or_default();
        // The card is good for some years of the agent's clock.
        let (year, _) = year_and_month(self.clock.now());
        let (address, name) = (&basket.address, basket.buyer.full_name());
        Ok(json!({
            "payment_method": {
                "type": "card",
                "card_number_type": "fpan",
                "number": card.number,
                "exp_month": "12",
                "exp_year": (year + 3).to_string(),
                "name": name,
                "cvc": "737",
                "metadata": {},
            },
            "allowance": {
                "reason": "one_time",
                "max_amount": amount.value,
                "currency": amount.currency.as_str().to_ascii_uppercase(),
                "checkout_session_id": session_id,
                "merchant_id": self.merchant_id,
                "expires_at": expires.to_string(),
            },
            "billing_address": {
                "name": name,
                "line_one": address.line_one,
                "city": address.city,
                "state": address.state,
                "country": address.country,
                "postal_code": address.postal_code,
            },
            "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"},
            "metadata": {"session_ref": session_id},
        }))
    }

    /// Sends a body as it is; the transcript shows it without the card.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`]; an answer with an error status is `Ok`.
    pub async fn send(&self, body: &Value) -> Result<Exchange, AgentError> {
        let headers = vec![
            ("authorization", format!("Bearer {}", self.key.reveal())),
            ("content-type", "application/json".to_owned()),
            ("api-version", DELEGATE_VERSION.to_owned()),
            ("idempotency-key", uuid::Uuid::new_v4().to_string()),
        ];
        let mut shown = body.clone();
        for name in ["number", "cvc", "cryptogram"] {
            if let Some(secret) = shown.pointer_mut(&format!("/payment_method/{name}")) {
                *secret = "…".into();
            }
        }
        self.http
            .send(Outgoing {
                step: Step::IssueToken,
                method: Method::POST,
                path: DELEGATE_PATH.to_owned(),
                headers,
                body: body.to_string().into(),
                shown: Some(shown),
            })
            .await
    }
}
