//! An agent that buys one item, whatever happens to the host: it retries under the same key, retrieves the session, has the buyer
//! authenticate where the payment waits for that, and pays with another token if the last one may be consumed.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_tests::{Acp, HttpResponse, Release, Request, fixtures};

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
    card: &'static str,
    token: String,
    key: String,
    sent: u32,
    /// The result of the buyer's authentication, once there is one.
    result: Option<Value>,
}

/// Where the agent's tokens and authentications come from.
pub(crate) trait Buyer {
    /// A token of this card for this amount.
    async fn token(&self, card: &'static str, cents: i64) -> String;

    /// The `authentication_result` of this card's holder for this amount.
    async fn authenticate(&self, card: &'static str, cents: i64) -> Value;
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
    pub(crate) async fn buy(&mut self, acp: &Acp<'_>, buyer: &impl Buyer) -> Outcome {
        self.begin(acp).await;
        loop {
            match self.read_status(acp).await.as_str() {
                "completed" => return Outcome::Bought,
                "ready_for_payment" => {}
                "authentication_required" => {
                    if self.pay_authenticated(acp, buyer).await == Some(Outcome::Declined) {
                        return Outcome::Declined;
                    }
                    continue;
                }
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
                    card: self.card,
                    token: buyer.token(self.card, self.total()).await,
                    key: self.key(),
                    sent: 0,
                    result: None,
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
            let can_authenticate = json!({"capabilities": {"interventions": {"supported": ["3ds"]}}});
            let body = fixtures::with(fixtures::cart(RELEASE, ITEM), &can_authenticate);
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
        self.send(request).await
    }

    /// Has the buyer authenticate once, and retries the payment with the result, under a new key each time.
    async fn pay_authenticated(&mut self, acp: &Acp<'_>, buyer: &impl Buyer) -> Option<Outcome> {
        let (total, key) = (self.total(), self.key());
        let path = format!("/checkout_sessions/{}/complete", self.session());
        let payment = self.payment.as_mut().expect("a payment was begun");
        if payment.result.is_none() {
            payment.result = Some(buyer.authenticate(payment.card, total).await);
        }
        let body = fixtures::with(
            fixtures::payment(RELEASE, &payment.token),
            &json!({"authentication_result": payment.result}),
        );
        self.send(acp.post(&path).key(&key).json(&body)).await
    }

    /// Sends a payment; `None` where the session says what became of it.
    async fn send(&mut self, request: Request) -> Option<Outcome> {
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
