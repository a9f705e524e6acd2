//! A purchase over the Agentic Commerce Protocol.

pub(super) mod bodies;
mod version;

use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::basket::Basket;
use super::channel::{Channel, Credentials};
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::purchase::{Polling, Purchase, PurchaseError, conclude};
use super::session::{FulfillmentOption, Session};
use super::wallet::Wallet;
use crate::id::TokenId;
use crate::secret::Secret;
use crate::stripe::units;
pub use version::AcpVersion;

/// An agent at one shop, using one release.
#[derive(Clone, Debug)]
pub struct Acp {
    /// Connection to the shop, for requests that this type has no method for.
    pub channel: Channel,
    /// How to poll a purchase in progress.
    pub polling: Polling,
    version: AcpVersion,
    wallet: Wallet,
    authenticator: Option<Authenticator>,
}

impl Acp {
    /// An agent at the shop whose `/checkout_sessions` is below `base_url`.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`].
    pub fn new(base_url: &str, bearer: Secret, version: AcpVersion, wallet: Wallet) -> Result<Self, AgentError> {
        let channel = Channel::new(base_url, Credentials::Bearer(bearer), Some(version.as_str()))?;
        Ok(Self {
            channel,
            polling: Polling::default(),
            version,
            wallet,
            authenticator: None,
        })
    }

    /// The same agent, which can have its buyer authenticated.
    #[must_use]
    pub fn with_authenticator(self, authenticator: Authenticator) -> Self {
        Self {
            authenticator: Some(authenticator),
            ..self
        }
    }

    /// Opens a session with the basket's items and buyer.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`], or [`AgentError::Inexpressible`] for discount codes before 2026-01-30.
    pub async fn create(&self, basket: &Basket) -> Result<Exchange, AgentError> {
        if !self.version.has_payment_handlers() && !basket.discount_codes.is_empty() {
            let protocol = format!("ACP {}", self.version.as_str());
            return Err(AgentError::Inexpressible {
                protocol,
                what: "discount codes",
            });
        }
        self.channel
            .post(Step::Create, "/checkout_sessions", &self.create_body(basket))
            .await
    }

    /// The body of a create request, for tests that change something in it.
    #[must_use]
    pub fn create_body(&self, basket: &Basket) -> Value {
        bodies::create(self.version, basket, self.authenticator.is_some())
    }

    /// Sends the address and, from 2026-01-30 on, the buyer's discount codes.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn address(&self, session_id: &str, basket: &Basket) -> Result<Exchange, AgentError> {
        let body = bodies::address_and_codes(self.version, basket);
        self.channel.post(Step::Address, &path(session_id), &body).await
    }

    async fn select_option(&self, session: &Session, option: &FulfillmentOption) -> Result<Exchange, AgentError> {
        let body = bodies::selection(self.version, session, option);
        self.channel.post(Step::SelectOption, &path(&session.id), &body).await
    }

    /// Pays with an existing token.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`], or [`AgentError::Unusable`] if a session from 2026-01-30 on offers no payment handler.
    pub async fn complete(&self, session: &Session, basket: &Basket, token: &TokenId) -> Result<Exchange, AgentError> {
        let body = self.complete_body(session, basket, token)?;
        self.channel
            .post(Step::Complete, &format!("{}/complete", path(&session.id)), &body)
            .await
    }

    /// The body of a complete request, for tests that send it under a key of their own.
    ///
    /// # Errors
    /// [`AgentError::Unusable`] if a session from 2026-01-30 on offers no payment handler.
    pub fn complete_body(&self, session: &Session, basket: &Basket, token: &TokenId) -> Result<Value, AgentError> {
        let billing_address = bodies::address(&basket.address, &basket.buyer);
        let payment_data = if self.version.has_payment_handlers() {
            json!({
                "handler_id": handler_id(session)?,
                "instrument": {"type": "card", "credential": {"type": "spt", "token": token}},
                "billing_address": billing_address,
            })
        } else {
            json!({"token": token, "provider": "stripe", "billing_address": billing_address})
        };
        Ok(json!({"buyer": bodies::buyer(&basket.buyer), "payment_data": payment_data}))
    }

    /// Reads a session by its id.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn retrieve(&self, session_id: &str) -> Result<Exchange, AgentError> {
        self.channel.get(Step::Retrieve, &path(session_id)).await
    }

    /// Cancels a session.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn cancel(&self, session_id: &str) -> Result<Exchange, AgentError> {
        self.channel
            .post(Step::Cancel, &format!("{}/cancel", path(session_id)), &Value::Null)
            .await
    }

    /// Opens a session and prepares it for payment.
    ///
    /// # Errors
    /// Any refusal; [`AgentError::NotReady`] if the session needs more than the basket has.
    pub async fn prepare(&self, basket: &Basket, log: &mut Vec<Exchange>) -> Result<Session, AgentError> {
        let session = noted(self.create(basket).await?, log)?;
        let mut session = noted(self.address(&session.id, basket).await?, log)?;
        if let Some(option) = session.option_to_select(basket)? {
            session = noted(self.select_option(&session, &option).await?, log)?;
        }
        session.ready()
    }

    /// Buys the basket: create, address and codes, option, token for exactly the total, complete, poll.
    ///
    /// # Errors
    /// The first step that failed, with the transcript up to it.
    pub async fn purchase(&self, basket: &Basket) -> Result<Purchase, PurchaseError> {
        let mut log = Vec::new();
        let result = self.buy(basket, &mut log).await;
        conclude(result, log)
    }

    async fn buy(&self, basket: &Basket, log: &mut Vec<Exchange>) -> Result<Purchase, AgentError> {
        let session = self.prepare(basket, log).await?;
        let total = session
            .total()
            .ok_or_else(|| unusable(&session, "totals[type=total]"))?;
        // ACP counts in minor units of ISO 4217, and a token of Stripe is limited in Stripe's.
        let limit = units::of_minor(&total);
        let issued = self.wallet.issue(&basket.payment_method, &limit).await?;
        let token: TokenId = issued.text("/id", "id")?.into();
        log.push(issued);
        let answered = noted(self.complete(&session, basket, &token).await?, log)?;
        let answered = match (&self.authenticator, answered.status.as_str()) {
            (Some(authenticator), "authentication_required") => {
                let metadata = answered
                    .body
                    .get("authentication_metadata")
                    .cloned()
                    .unwrap_or_default();
                let asked = authenticator.authenticate(&basket.payment_method, &total, &metadata, log);
                let authenticated = asked.await?;
                let mut body = self.complete_body(&session, basket, &token)?;
                if let Some(body) = body.as_object_mut() {
                    let result = authenticated.for_release(self.version);
                    body.insert("authentication_result".into(), result);
                }
                let path = format!("{}/complete", path(&session.id));
                noted(self.channel.post(Step::Complete, &path, &body).await?, log)?
            }
            _ => answered,
        };
        let settled = self
            .polling
            .settle(&self.channel, &path(&session.id), answered, log)
            .await?;
        Ok(Purchase::of(
            ("acp", Some(self.version.as_str())),
            &settled,
            total,
            settled.order(),
        ))
    }
}

/// Adds the exchange to the transcript, then reads the session from it.
fn noted(exchange: Exchange, log: &mut Vec<Exchange>) -> Result<Session, AgentError> {
    let session = Session::read(&exchange);
    log.push(exchange);
    session
}

fn path(session_id: &str) -> String {
    format!("/checkout_sessions/{session_id}")
}

/// The payment handler to use: Stripe's if there is one, else the first.
fn handler_id(session: &Session) -> Result<&str, AgentError> {
    let handlers = session
        .body
        .pointer("/capabilities/payment/handlers")
        .and_then(Value::as_array);
    let by_stripe = handlers.and_then(|handlers| {
        handlers
            .iter()
            .find(|handler| handler.get("psp").and_then(Value::as_str) == Some("stripe"))
    });
    let chosen = by_stripe.or_else(|| handlers.and_then(|handlers| handlers.first()));
    let id = chosen.and_then(|handler| handler.get("id")).and_then(Value::as_str);
    id.ok_or_else(|| unusable(session, "capabilities.payment.handlers"))
}

fn unusable(session: &Session, what: &'static str) -> AgentError {
    AgentError::Unusable {
        step: Step::Complete,
        what,
        body: session.body.clone(),
    }
}
