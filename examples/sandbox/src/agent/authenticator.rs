//! The agent's part of a 3-D Secure authentication: it asks the provider on behalf of the merchant, and sends the buyer to the challenge.

use axum::http::Method;
use serde_json::{Value, json};

use super::acp::AcpVersion;
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::http::{Http, Outgoing};
use crate::authentication::{API_VERSION, AuthenticationProvider};
use crate::card::TestCard;
use crate::money::Amount;
use crate::secret::Secret;

/// What the buyer does with a challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuyerDecision {
    /// Passes the challenge of the issuer.
    #[default]
    Approve,
    /// Fails the challenge of the issuer.
    Deny,
    /// Leaves the page without finishing.
    Leave,
}

impl BuyerDecision {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Leave => "leave",
        }
    }
}

/// Authenticates the agent's buyer at the sandbox's provider.
#[derive(Clone, Debug)]
pub struct Authenticator {
    http: Http,
    api_key: Secret,
    decision: BuyerDecision,
}

/// How an authentication ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Status of the session at the provider: `authenticated`, `not_authenticated` …
    pub status: String,
    /// `authentication_result` of the session; null where the issuer was never asked.
    pub result: Value,
}

impl Authenticator {
    /// An authenticator that uses a provider in this process.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`]; cannot happen for the address of a running provider.
    pub fn at(provider: &AuthenticationProvider) -> Result<Self, AgentError> {
        Ok(Self {
            http: Http::new(&provider.url())?,
            api_key: provider.api_key().clone(),
            decision: BuyerDecision::default(),
        })
    }

    /// The same, whose buyer does something else with a challenge.
    #[must_use]
    pub fn deciding(self, decision: BuyerDecision) -> Self {
        Self { decision, ..self }
    }

    /// Authenticates the holder of a test card (`pm_card_…`) for this amount, as the session's `authentication_metadata` asks. Adds the
    /// requests to the transcript, without the card.
    ///
    /// # Errors
    /// [`AgentError::Refused`] with the provider's error, or [`AgentError::NoAnswer`].
    pub async fn authenticate(
        &self,
        payment_method: &str,
        amount: &Amount,
        metadata: &Value,
        log: &mut Vec<Exchange>,
    ) -> Result<Authenticated, AgentError> {
        let card = TestCard::by_payment_method(payment_method).ok_or_else(|| AgentError::Inexpressible {
            protocol: "delegate_authentication".to_owned(),
            what: "a card that is not a test card",
        })?;
        let created = self
            .post("/delegate_authentication", &wanted(card, amount, metadata), log)
            .await?;
        let id = created.text("/authentication_session_id", "authentication_session_id")?;
        let path = format!("/delegate_authentication/{id}");
        if created.text("/status", "status")? == "pending" {
            let asked = self
                .post(
                    &format!("{path}/authenticate"),
                    &json!({"fingerprint_completion": "Y"}),
                    log,
                )
                .await?;
            if asked.text("/status", "status")? == "action_required" {
                let decision = json!({"decision": self.decision.as_str()});
                self.post(&format!("/acs/{id}"), &decision, log).await?;
            }
        }
        let ended = self
            .http
            .send(self.outgoing(Method::GET, &path, None))
            .await?
            .accepted()?;
        let authenticated = Authenticated {
            status: ended.text("/status", "status")?,
            result: ended.response.get("authentication_result").cloned().unwrap_or_default(),
        };
        Ok(authenticated)
    }

    async fn post(&self, path: &str, body: &Value, log: &mut Vec<Exchange>) -> Result<Exchange, AgentError> {
        let exchange = self.http.send(self.outgoing(Method::POST, path, Some(body))).await?;
        log.push(exchange.clone());
        exchange.accepted()
    }

    fn outgoing(&self, method: Method, path: &str, body: Option<&Value>) -> Outgoing {
        Outgoing {
            step: Step::Authenticate,
            method,
            path: path.to_owned(),
            headers: vec![
                ("authorization", format!("Bearer {}", self.api_key.reveal())),
                ("api-version", API_VERSION.to_owned()),
                ("content-type", "application/json".to_owned()),
                ("idempotency-key", uuid::Uuid::new_v4().to_string()),
            ],
            body: body.map(|body| body.to_string().into()).unwrap_or_default(),
            shown: body.map(without_card),
        }
    }
}

impl Authenticated {
    /// The `authentication_result` that the agent completes with, in this release.
    #[must_use]
    pub fn for_release(&self, version: AcpVersion) -> Value {
        let outcome = self.outcome(version);
        let member = |name: &str| self.result.get(name).filter(|value| value.is_string());
        match member("three_ds_cryptogram") {
            None => json!({"outcome": outcome}),
            Some(cryptogram) => json!({
                "outcome": outcome,
                "outcome_details": {
                    "three_ds_cryptogram": cryptogram,
                    "electronic_commerce_indicator": member("electronic_commerce_indicator"),
                    "transaction_id": member("transaction_id"),
                    "version": member("version"),
                },
            }),
        }
    }

    fn outcome(&self, version: AcpVersion) -> &'static str {
        let status = self.status.as_str();
        if version == AcpVersion::V2026_01_16 {
            return match status {
                "authenticated" => "authenticated",
                "attempted" => "attempt",
                "rejected" => "rejected",
                "unavailable" | "not_supported" => "unavailable",
                _ => "failed",
            };
        }
        match status {
            "authenticated" => "authenticated",
            "attempted" => "attempt_acknowledged",
            "not_authenticated" => "denied",
            "rejected" => "rejected",
            "not_supported" => "not_supported",
            "expired" | "challenge_abandoned" => "abandoned",
            _ => "processing_error",
        }
    }
}

fn wanted(card: &TestCard, amount: &Amount, metadata: &Value) -> Value {
    let merchant = metadata
        .pointer("/acquirer_details/acquirer_merchant_id")
        .and_then(Value::as_str);
    let mut body = json!({
        "merchant_id": merchant.unwrap_or("merchant"),
        "payment_method": {
            "type": "card", "number": card.number, "exp_month": "12", "exp_year": "2030", "name": "Jane Doe",
        },
        "amount": {"value": amount.value, "currency": amount.currency.as_str().to_ascii_uppercase()},
    });
    let passed_on = ["acquirer_details", "flow_preference"].into_iter();
    let passed_on = passed_on.filter_map(|name| Some((name.to_owned(), metadata.get(name)?.clone())));
    if let Some(body) = body.as_object_mut() {
        body.extend(passed_on);
    }
    body
}

/// A body as the transcript shows it.
fn without_card(body: &Value) -> Value {
    let mut shown = body.clone();
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("payment_method");
    }
    shown
}
