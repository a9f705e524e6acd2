//! Stripe, as it calls the hooks of a merchant.

use serde_json::{Value, json};
use tillhouse_sandbox::Sandbox;

use crate::client::{Client, Request};
use crate::fixtures::{self, Items};
use crate::http_response::HttpResponse;
use crate::wallet;

/// Stripe, calling the hooks of one merchant with signed requests. It sends no idempotency keys, because Stripe's guide shows
/// none.
#[derive(Clone, Debug)]
pub struct StripeAcs<'a> {
    /// The client, for requests that no method here makes.
    pub client: Client,
    sandbox: &'a Sandbox,
}

impl<'a> StripeAcs<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, client: Client) -> Self {
        Self { client, sandbox }
    }

    /// A POST with Stripe's signature.
    pub fn post(&self, path: &str) -> Request {
        self.client.post(path).signed()
    }

    /// A GET, signed over the empty body.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path).signed()
    }

    /// Creates a checkout from a request body.
    pub async fn create(&self, body: &Value) -> HttpResponse {
        self.post("/agentic/checkouts").json(body).send().await
    }

    /// Creates a checkout with items only: no buyer, no address.
    pub async fn open(&self, items: Items<'_>) -> HttpResponse {
        self.create(&fixtures::checkout(items)).await.expect(200)
    }

    /// Creates a checkout that is ready for payment.
    pub async fn ready(&self, items: Items<'_>) -> HttpResponse {
        let body = fixtures::with(fixtures::checkout(items), &delivery(&fixtures::address()));
        self.create(&body).await.expect(200).is("ready_for_payment")
    }

    /// Updates a checkout with a request body.
    pub async fn update(&self, checkout: &str, body: &Value) -> HttpResponse {
        self.post(&path(checkout)).json(body).send().await
    }

    /// Retrieves a checkout by its id.
    pub async fn retrieve(&self, checkout: &str) -> HttpResponse {
        self.get(&path(checkout)).send().await
    }

    /// A confirm request that is not sent yet.
    pub fn confirmation(&self, checkout: &str, token: &str) -> Request {
        let body = fixtures::confirmation(token);
        self.post(&format!("{}/confirm", path(checkout))).json(&body)
    }

    /// Confirms a checkout with a shared payment token.
    pub async fn confirm(&self, checkout: &str, token: &str) -> HttpResponse {
        self.confirmation(checkout, token).send().await
    }

    /// A shared payment token of a working card, for this amount.
    async fn token(&self, cents: i64) -> String {
        wallet::token(self.sandbox, "pm_card_visa", cents, "usd").await
    }

    /// A whole purchase with a working card; returns the response to the confirm.
    pub async fn buy(&self, items: Items<'_>) -> HttpResponse {
        let checkout = self.ready(items).await;
        let token = self.token(checkout.total("total")).await;
        self.confirm(checkout.id(), &token).await.expect(200).is("completed")
    }
}

fn path(checkout: &str) -> String {
    format!("/agentic/checkouts/{checkout}")
}

/// Buyer and address in Stripe's form: the address has no name of its own.
pub(crate) fn delivery(address: &Value) -> Value {
    let mut address = address.clone();
    if let Some(fields) = address.as_object_mut() {
        fields.remove("name");
    }
    json!({
        "buyer": fixtures::buyer(),
        "fulfillment_details": {"contact": {"name": "Jane Doe"}, "address": address},
    })
}
