//! An agent that buys one item, whatever happens to the host: it retries under the same key, retrieves the session, and pays with
//! another token if the last one may be consumed.

use std::time::Duration;

use serde_json::Value;
use tillhouse_tests::{Acp, HttpResponse, Release, fixtures};

use crate::scene::ITEM;

const RELEASE: Release = Release::V2026_04_17;

/// A card that is always approved.
const APPROVED_CARD: &str = "pm_card_visa";

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

/// How often a payment that got an error is retried before the agent uses another token.
const MAX_SENDS: u32 = 2;

/// The agent's state, which outlives the hosts.
#[derive(Debug)]
pub(crate) struct Agent {
    /// The card of the first payment.
    card: &'static str,
    /// Number of idempotency keys used; every POST gets a new one.
    keys: u32,
    /// Id of the session, once it is created.
    session: Option<String>,
    /// The total, once the session is ready for payment.
    total: Option<i64>,
    payment: Option<Payment>,
}

/// The current payment request.
#[derive(Debug)]
struct Payment {
    token: String,
    key: String,
    sent: u32,
}

/// The result of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The session is completed.
    Bought,
    /// The payment was declined, and the session is open.
    Declined,
}

impl Agent {
    pub(crate) fn with(card: &'static str) -> Self {
        Self {
            card,
            keys: 0,
            session: None,
            total: None,
            payment: None,
        }
    }

    /// Id of the session; panics before it is created.
    pub(crate) fn session(&self) -> &str {
        self.session.as_deref().expect("a session was created")
    }

    /// The total of the session; panics before it is known.
    pub(crate) fn total(&self) -> i64 {
        self.total.expect("the total is known")
    }

    /// Continues until the item is bought, or a payment was declined.
    pub(crate) async fn buy(&mut self, acp: &Acp<'_>, token: impl AsyncFn(&'static str, i64) -> String) -> Outcome {
        self.begin(acp).await;
        loop {
            match self.read_status(acp).await.as_str() {
                "completed" => return Outcome::Bought,
                "ready_for_payment" => {}
                // The session was read between the end of an attempt and the release of its reservation: the agent sends its
                // items once more.
                "not_ready_for_payment" => {
                    let _ = self.deliver(acp).await;
                    continue;
                }
                _ => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            }
            if self.payment.as_ref().is_none_or(|payment| payment.sent == MAX_SENDS) {
                self.payment = Some(Payment {
                    token: token(self.card, self.total()).await,
                    key: self.key(),
                    sent: 0,
                });
                self.card = APPROVED_CARD;
            }
            if self.pay(acp).await == Some(Outcome::Declined) {
                return Outcome::Declined;
            }
        }
    }

    /// Creates the session and adds what it needs for payment.
    async fn begin(&mut self, acp: &Acp<'_>) {
        if self.session.is_none() {
            let body = fixtures::cart(RELEASE, ITEM);
            let made = self.send_until_answered(acp, "/checkout_sessions", &body, 201).await;
            self.session = Some(made.id().to_owned());
        }
        if self.total.is_none() {
            self.total = Some(self.deliver(acp).await.is("ready_for_payment").total("total"));
        }
    }

    /// Sends buyer and address.
    async fn deliver(&mut self, acp: &Acp<'_>) -> HttpResponse {
        let body = fixtures::delivery(RELEASE, &fixtures::address());
        let path = format!("/checkout_sessions/{}", self.session());
        self.send_until_answered(acp, &path, &body, 200).await
    }

    /// The status of the session, as retrieved.
    async fn read_status(&self, acp: &Acp<'_>) -> String {
        let path = format!("/checkout_sessions/{}", self.session());
        loop {
            if let Ok(answer) = acp.get(&path).try_send().await
                && answer.status == 200
            {
                return answer["status"].as_str().expect("the session has a status").to_owned();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Retries the payment. A rejected token is not used again.
    async fn pay(&mut self, acp: &Acp<'_>) -> Option<Outcome> {
        let session = self.session().to_owned();
        let payment = self.payment.as_mut().expect("a payment was begun");
        payment.sent += 1;
        let request = acp.completion(&session, &payment.token).key(&payment.key);
        let answer = request.try_send().await.ok()?;
        if answer.status / 100 == 4 && answer.status != 409 {
            self.payment = None;
            return (answer["code"] == "payment_declined").then_some(Outcome::Declined);
        }
        None
    }

    /// Retries a POST under the same key until it is answered with this status.
    async fn send_until_answered(&mut self, acp: &Acp<'_>, path: &str, body: &Value, status: u16) -> HttpResponse {
        let key = self.key();
        loop {
            match acp.post(path).key(&key).json(body).try_send().await {
                Ok(answer) if answer.status == status => return answer,
                Ok(answer) if answer.status < 500 && answer.status != 409 => panic!("{path}: {}", answer.text()),
                // A server error or no response: the request may have been processed.
                Ok(_) | Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("purchase-{}", self.keys)
    }
}
