//! A purchase over Adyen's agent API: from Adyen, or from a host that serves the same API itself.

use serde_json::{Value, json};

use super::acp::bodies;
use super::adyen_vault::AdyenVault;
use super::basket::Basket;
use super::channel::{Channel, Credentials};
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::purchase::{Polling, Purchase, PurchaseError, conclude};
use super::session::Session;
use crate::adyen::Adyen;
use crate::clock::Clock;
use crate::secret::Secret;

/// An agent that buys from one company account.
#[derive(Clone, Debug)]
pub struct AdyenAgent {
    /// Connection to Adyen, for requests that this type has no method for.
    pub channel: Channel,
    /// How to poll a purchase in progress.
    pub polling: Polling,
    /// The vault with the agent's card.
    pub vault: AdyenVault,
}

impl AdyenAgent {
    /// An agent at `base_url`, below which `/checkout_sessions` is: `…/commerce-suite/acp/v1/COMPANY_ACCOUNT`.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`].
    pub fn new(base_url: &str, bearer: Secret, vault: AdyenVault) -> Result<Self, AgentError> {
        Ok(Self {
            channel: Channel::new(base_url, Credentials::Bearer(bearer), None)?,
            polling: Polling::default(),
            vault,
        })
    }

    /// An agent that buys through a simulator in this process.
    ///
    /// # Errors
    /// [`AgentError::BaseUrl`]; cannot happen for the address of a running simulator.
    pub fn at(adyen: &Adyen, company_account: &str, clock: &Clock) -> Result<Self, AgentError> {
        let vault = AdyenVault::at(adyen, company_account, clock)?;
        Self::new(
            &adyen.agent_url(company_account),
            adyen.config().agent_key.clone(),
            vault,
        )
    }

    /// Opens a session with the basket's items, buyer, address and codes.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn create(&self, basket: &Basket) -> Result<Exchange, AgentError> {
        self.channel
            .post(Step::Create, "/checkout_sessions", &Self::create_body(basket))
            .await
    }

    /// The body of a create request, for tests that change something in it.
    #[must_use]
    pub fn create_body(basket: &Basket) -> Value {
        let items: Vec<Value> = basket
            .items
            .iter()
            .map(|(id, quantity)| json!({"id": id, "quantity": quantity}))
            .collect();
        let mut body = json!({
            "currency": basket.currency.as_str().to_ascii_uppercase(),
            "items": items,
            "buyer": bodies::buyer(&basket.buyer),
            "fulfillment_address": bodies::address(&basket.address, &basket.buyer),
        });
        if let (false, Some(members)) = (basket.discount_codes.is_empty(), body.as_object_mut()) {
            members.insert("discounts".into(), json!({"codes": basket.discount_codes}));
        }
        body
    }

    /// Changes a session.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn update(&self, session_id: &str, body: &Value) -> Result<Exchange, AgentError> {
        self.channel.post(Step::SelectOption, &path(session_id), body).await
    }

    /// Reads a session by its id.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn retrieve(&self, session_id: &str) -> Result<Exchange, AgentError> {
        self.channel.get(Step::Retrieve, &path(session_id)).await
    }

    /// Pays with an existing token.
    ///
    /// # Errors
    /// [`AgentError::NoAnswer`].
    pub async fn complete(&self, session_id: &str, basket: &Basket, token: &str) -> Result<Exchange, AgentError> {
        let body = Self::complete_body(basket, token);
        self.channel
            .post(Step::Complete, &format!("{}/complete", path(session_id)), &body)
            .await
    }

    /// The body of a complete request, for tests that send it under a key of their own.
    #[must_use]
    pub fn complete_body(basket: &Basket, token: &str) -> Value {
        json!({"payment_data": {
            "provider": "adyen",
            "token": token,
            "billing_address": bodies::address(&basket.address, &basket.buyer),
        }})
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

    /// Opens a session and prepares it for payment. The dialect does not say which option is selected, so that an option is chosen where
    /// the basket wants one, or where the session is not ready without.
    ///
    /// # Errors
    /// Any refusal; [`AgentError::NotReady`] if the session needs more than the basket has.
    pub async fn prepare(&self, basket: &Basket, log: &mut Vec<Exchange>) -> Result<Session, AgentError> {
        let created = self.create(basket).await?;
        log.push(created.clone());
        let mut session = Session::read(&created)?;
        let chooses = basket.option.is_some() || session.status != "ready_for_payment";
        if chooses && let Some(option) = session.option_to_select(basket)? {
            let body = json!({"fulfillment_option_id": option.id});
            let updated = self.update(&session.id, &body).await?;
            log.push(updated.clone());
            session = Session::read(&updated)?;
        }
        session.ready()
    }

    /// Buys the basket: create, option, token for exactly the total, complete, poll.
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
        let total = session.total().ok_or_else(|| AgentError::Unusable {
            step: Step::Complete,
            what: "totals[type=total]",
            body: session.body.clone(),
        })?;
        let issued = self.vault.delegate(basket, &session.id, &total).await?;
        let token = issued.text("/id", "id")?;
        log.push(issued);
        let completed = self.complete(&session.id, basket, &token).await?;
        log.push(completed.clone());
        let answered = Session::read(&completed)?;
        let settled = self
            .polling
            .settle(&self.channel, &path(&session.id), answered, log)
            .await?;
        Ok(Purchase::of(("adyen", None), &settled, total, settled.order()))
    }
}

fn path(session_id: &str) -> String {
    format!("/checkout_sessions/{session_id}")
}
