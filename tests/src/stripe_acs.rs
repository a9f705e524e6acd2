//! Stripe in front of a merchant.

use serde_json::{Value, json};
use tillhouse_sandbox::Sandbox;

use crate::answer::Answer;
use crate::client::{Client, Request};
use crate::fixtures::{self, Items};
use crate::wallet;

/// Stripe calling the hooks of one merchant, signed. It sends no idempotency keys, because the guide shows none.
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

    /// A signed POST.
    pub fn post(&self, path: &str) -> Request {
        self.client.post(path).signed()
    }

    /// A signed GET: over the empty body.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path).signed()
    }

    /// Create from a body.
    pub async fn create(&self, body: &Value) -> Answer {
        self.post("/agentic/checkouts").json(body).send().await
    }

    /// A new checkout with items and nothing else.
    pub async fn open(&self, items: Items<'_>) -> Answer {
        self.create(&fixtures::checkout(items)).await.expect(200)
    }

    /// A new checkout that waits only to be paid.
    pub async fn ready(&self, items: Items<'_>) -> Answer {
        let body = fixtures::with(fixtures::checkout(items), &delivery(&fixtures::address()));
        self.create(&body).await.expect(200).is("ready_for_payment")
    }

    /// Update.
    pub async fn update(&self, checkout: &str, body: &Value) -> Answer {
        self.post(&path(checkout)).json(body).send().await
    }

    /// Retrieve.
    pub async fn retrieve(&self, checkout: &str) -> Answer {
        self.get(&path(checkout)).send().await
    }

    /// A confirm that is not sent yet.
    pub fn confirmation(&self, checkout: &str, token: &str) -> Request {
        let body = fixtures::confirmation(token);
        self.post(&format!("{}/confirm", path(checkout))).json(&body)
    }

    /// Confirm with a token.
    pub async fn confirm(&self, checkout: &str, token: &str) -> Answer {
        self.confirmation(checkout, token).send().await
    }

    /// A token of a card that works, for that many cents.
    async fn token(&self, cents: i64) -> String {
        wallet::token(self.sandbox, "pm_card_visa", cents, "usd").await
    }

    /// A whole purchase with a card that works; the confirmation.
    pub async fn buy(&self, items: Items<'_>) -> Answer {
        let checkout = self.ready(items).await;
        let token = self.token(checkout.total("total")).await;
        self.confirm(checkout.id(), &token).await.expect(200).is("completed")
    }
}

fn path(checkout: &str) -> String {
    format!("/agentic/checkouts/{checkout}")
}

/// Buyer and address, as Stripe sends them: the address has no name of its own.
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
