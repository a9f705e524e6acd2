//! An agent that calls a merchant over ACP.

use serde_json::Value;
use tillhouse_sandbox::Sandbox;
pub use tillhouse_sandbox::agent::AcpVersion as Release;

use crate::client::{Client, Request, fresh_key};
use crate::fixtures::{self, Items};
use crate::http_response::HttpResponse;
use crate::wallet;

/// An agent of one merchant, speaking one release of ACP. Every POST carries a fresh idempotency key.
#[derive(Clone, Debug)]
pub struct Acp<'a> {
    /// ACP release, sent as `API-Version` with every request.
    pub release: Release,
    /// The client, for requests that no method here makes.
    pub client: Client,
    sandbox: &'a Sandbox,
}

impl<'a> Acp<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, client: Client, release: Release) -> Self {
        Self {
            release,
            client,
            sandbox,
        }
    }

    /// The agent that has this key of the merchant.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        Self {
            client: self.client.with_acp_key(key),
            ..self
        }
    }

    /// A POST with the merchant's key, the release and a fresh idempotency key.
    pub fn post(&self, path: &str) -> Request {
        self.client.post(path).acp(self.release).key(&fresh_key())
    }

    /// A GET with the merchant's key and the release.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path).acp(self.release)
    }

    /// Creates a session from a request body.
    pub async fn create(&self, body: &Value) -> HttpResponse {
        self.post("/checkout_sessions").json(body).send().await
    }

    /// Creates a session with items only: no buyer, no address.
    pub async fn open(&self, items: Items<'_>) -> HttpResponse {
        self.create(&fixtures::cart(self.release, items)).await.expect(201)
    }

    /// Creates a session that is ready for payment: items, Jane's address, the shop's default shipping option.
    pub async fn ready(&self, items: Items<'_>) -> HttpResponse {
        let body = fixtures::with(
            fixtures::cart(self.release, items),
            &fixtures::delivery(self.release, &fixtures::address()),
        );
        self.create(&body).await.expect(201).is("ready_for_payment")
    }

    /// Updates a session with a request body.
    pub async fn update(&self, session: &str, body: &Value) -> HttpResponse {
        self.post(&path(session)).json(body).send().await
    }

    /// Retrieves a session by its id.
    pub async fn retrieve(&self, session: &str) -> HttpResponse {
        self.get(&path(session)).send().await
    }

    /// A complete request that is not sent yet.
    pub fn completion(&self, session: &str, token: &str) -> Request {
        let body = fixtures::payment(self.release, token);
        self.post(&format!("{}/complete", path(session))).json(&body)
    }

    /// Completes a session with a shared payment token.
    pub async fn complete(&self, session: &str, token: &str) -> HttpResponse {
        self.completion(session, token).send().await
    }

    /// Cancels a session by its id.
    pub async fn cancel(&self, session: &str) -> HttpResponse {
        self.post(&format!("{}/cancel", path(session))).send().await
    }

    /// A shared payment token of a working card, for this amount.
    async fn token(&self, cents: i64) -> String {
        wallet::token(self.sandbox, "pm_card_visa", cents, "usd").await
    }

    /// A whole purchase with a working card; returns the completed session.
    pub async fn buy(&self, items: Items<'_>) -> HttpResponse {
        let session = self.ready(items).await;
        let token = self.token(session.total("total")).await;
        self.complete(session.id(), &token).await.expect(200).is("completed")
    }
}

fn path(session: &str) -> String {
    format!("/checkout_sessions/{session}")
}
