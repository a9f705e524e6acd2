//! An agent that speaks ACP.

use serde_json::Value;
use tillhouse_sandbox::Sandbox;
pub use tillhouse_sandbox::agent::AcpVersion as Release;

use crate::answer::Answer;
use crate::client::{Client, Request, fresh_key};
use crate::fixtures::{self, Items};
use crate::wallet;

/// An agent at one merchant, in one release. Every POST goes under a key of its own.
#[derive(Clone, Debug)]
pub struct Acp<'a> {
    /// The release.
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

    /// A POST with credentials, release and a fresh key.
    pub fn post(&self, path: &str) -> Request {
        self.client.post(path).acp(self.release).key(&fresh_key())
    }

    /// A GET with credentials and release.
    pub fn get(&self, path: &str) -> Request {
        self.client.get(path).acp(self.release)
    }

    /// Create from a body.
    pub async fn create(&self, body: &Value) -> Answer {
        self.post("/checkout_sessions").json(body).send().await
    }

    /// A new session with items and nothing else.
    pub async fn open(&self, items: Items<'_>) -> Answer {
        self.create(&fixtures::cart(self.release, items)).await.expect(201)
    }

    /// A new session that waits only to be paid: items, Jane's address, the shop's own choice of shipping.
    pub async fn ready(&self, items: Items<'_>) -> Answer {
        let body = fixtures::with(
            fixtures::cart(self.release, items),
            &fixtures::delivery(self.release, &fixtures::address()),
        );
        self.create(&body).await.expect(201).is("ready_for_payment")
    }

    /// Update.
    pub async fn update(&self, session: &str, body: &Value) -> Answer {
        self.post(&path(session)).json(body).send().await
    }

    /// Retrieve.
    pub async fn retrieve(&self, session: &str) -> Answer {
        self.get(&path(session)).send().await
    }

    /// A complete that is not sent yet.
    pub fn completion(&self, session: &str, token: &str) -> Request {
        let body = fixtures::payment(self.release, token);
        self.post(&format!("{}/complete", path(session))).json(&body)
    }

    /// Complete with a token.
    pub async fn complete(&self, session: &str, token: &str) -> Answer {
        self.completion(session, token).send().await
    }

    /// Cancel.
    pub async fn cancel(&self, session: &str) -> Answer {
        self.post(&format!("{}/cancel", path(session))).send().await
    }

    /// A token of a card that works, for that many cents.
    async fn token(&self, cents: i64) -> String {
        wallet::token(self.sandbox, "pm_card_visa", cents, "usd").await
    }

    /// A whole purchase with a card that works; the completed session.
    pub async fn buy(&self, items: Items<'_>) -> Answer {
        let session = self.ready(items).await;
        let token = self.token(session.total("total")).await;
        self.complete(session.id(), &token).await.expect(200).is("completed")
    }
}

fn path(session: &str) -> String {
    format!("/checkout_sessions/{session}")
}
