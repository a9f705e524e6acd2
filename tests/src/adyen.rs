//! An agent that calls a merchant over Adyen's agent API.

use serde_json::{Value, json};
use tillhouse_sandbox::agent::{AdyenVault, Basket};
use tillhouse_sandbox::{Amount, Sandbox};

use crate::client::{Client, Request, fresh_key};
use crate::fixtures::{self, Items};
use crate::http_response::HttpResponse;
use crate::merchant::Merchant;

/// An agent of one merchant, whose host serves Adyen's agent API itself. Every POST carries a fresh idempotency key; tokens are those of
/// the sandbox's Adyen.
#[derive(Clone, Debug)]
pub struct Adyen<'a> {
    /// The client, for requests that no method here makes.
    pub client: Client,
    key: String,
    account: String,
    sandbox: &'a Sandbox,
}

impl<'a> Adyen<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, client: Client, merchant: &str) -> Self {
        Self {
            client,
            key: Merchant::adyen_key(merchant),
            account: sandbox.adyen.config().company_account.clone(),
            sandbox,
        }
    }

    /// The agent that has this key of the merchant.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self
        }
    }

    /// Address of the sessions, or of what is below them.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        format!("/commerce-suite/acp/v1/{}/checkout_sessions{below}", self.account)
    }

    /// A POST with the agent's key and a fresh idempotency key; `below` is empty or begins with a slash.
    pub fn post(&self, below: &str) -> Request {
        self.client.post(&self.path(below)).bearer(&self.key).key(&fresh_key())
    }

    /// A GET with the agent's key.
    pub fn get(&self, below: &str) -> Request {
        self.client.get(&self.path(below)).bearer(&self.key)
    }

    /// Creates a session from a request body.
    pub async fn create(&self, body: &Value) -> HttpResponse {
        self.post("").json(body).send().await
    }

    /// Creates a session with items only: no buyer, no address.
    pub async fn open(&self, items: Items<'_>) -> HttpResponse {
        self.create(&cart(items)).await.expect(201)
    }

    /// Creates a session that is ready for payment: items, Jane's address, the shop's default shipping option.
    pub async fn ready(&self, items: Items<'_>) -> HttpResponse {
        let body = fixtures::with(cart(items), &delivery(&fixtures::address()));
        self.create(&body).await.expect(201).is("ready_for_payment")
    }

    /// Updates a session with a request body.
    pub async fn update(&self, session: &str, body: &Value) -> HttpResponse {
        self.post(&format!("/{session}")).json(body).send().await
    }

    /// Retrieves a session by its id.
    pub async fn retrieve(&self, session: &str) -> HttpResponse {
        self.get(&format!("/{session}")).send().await
    }

    /// A complete request that is not sent yet.
    pub fn completion(&self, session: &str, token: &str) -> Request {
        self.post(&format!("/{session}/complete")).json(&payment(token))
    }

    /// Completes a session with a token of Adyen's vault.
    pub async fn complete(&self, session: &str, token: &str) -> HttpResponse {
        self.completion(session, token).send().await
    }

    /// Cancels a session by its id.
    pub async fn cancel(&self, session: &str) -> HttpResponse {
        self.post(&format!("/{session}/cancel")).send().await
    }

    /// A token of Adyen's vault for this amount of a session, of a test card (`pm_card_…`).
    pub async fn token_of(&self, payment_method: &str, session: &str, cents: i64) -> String {
        self.token_for(payment_method, session, &Amount::usd(cents)).await
    }

    /// The same for an amount of any currency.
    pub async fn token_for(&self, payment_method: &str, session: &str, amount: &Amount) -> String {
        let account = self.account.as_str();
        let vault = AdyenVault::at(&self.sandbox.adyen, account, self.sandbox.clock()).expect("a running vault");
        let basket = Basket::of("", 1).paid_with(payment_method);
        let issued = vault.delegate(&basket, session, amount).await;
        let issued = issued.expect("a token");
        issued.response["id"].as_str().expect("the id of a token").to_owned()
    }

    /// A whole purchase with a working card; returns the completed session.
    pub async fn buy(&self, items: Items<'_>) -> HttpResponse {
        let session = self.ready(items).await;
        let token = self
            .token_of("pm_card_adyen", session.id(), session.total("total"))
            .await;
        self.complete(session.id(), &token).await.expect(200).is("completed")
    }
}

/// The body of a create with items only.
#[must_use]
pub(crate) fn cart(items: Items<'_>) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(id, quantity)| json!({"id": id, "quantity": quantity}))
        .collect();
    json!({"currency": "USD", "items": items})
}

/// Members of a create or an update with Jane and this address.
#[must_use]
pub(crate) fn delivery(address: &Value) -> Value {
    json!({"buyer": fixtures::buyer(), "fulfillment_address": address})
}

/// The body of a complete with this token.
#[must_use]
pub(crate) fn payment(token: &str) -> Value {
    json!({"payment_data": {"provider": "adyen", "token": token}})
}
