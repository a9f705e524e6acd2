//! An agent that buys one thing, whatever happens to the host meanwhile: it asks again under the same key, looks, and pays
//! with another token where the last one may be used up.

use std::time::Duration;

use serde_json::Value;
use tillhouse_tests::{Acp, Answer, Release, fixtures};

use crate::scene::ITEM;

const RELEASE: Release = Release::V2026_04_17;

/// A card that is good for everything.
const GOOD: &str = "pm_card_visa";

/// Between two requests that say the same.
const PAUSE: Duration = Duration::from_millis(20);

/// How often a payment that got an error is sent again before the agent gets itself another token.
const INSISTS: u32 = 2;

/// What the agent remembers. It outlives the hosts.
#[derive(Debug)]
pub(crate) struct Agent {
    /// What it pays with first.
    card: &'static str,
    /// Every POST has one.
    keys: u32,
    /// The session, once there is one.
    session: Option<String>,
    /// What is to be paid, once the session is complete.
    total: Option<i64>,
    payment: Option<Payment>,
}

/// A payment that was begun.
#[derive(Debug)]
struct Payment {
    token: String,
    key: String,
    sent: u32,
}

/// Where the purchase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is made.
    Bought,
    /// The payment was declined.
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

    /// The session, which was created.
    pub(crate) fn session(&self) -> &str {
        self.session.as_deref().expect("a session was created")
    }

    /// What was to be paid.
    pub(crate) fn total(&self) -> i64 {
        self.total.expect("the session was complete")
    }

    /// Go on until it is bought, or a payment was declined.
    pub(crate) async fn go_on(&mut self, acp: &Acp<'_>, token: impl AsyncFn(&'static str, i64) -> String) -> Outcome {
        self.begin(acp).await;
        loop {
            match self.look(acp).await.as_str() {
                "completed" => return Outcome::Bought,
                "ready_for_payment" => {}
                // It asked in the moment between the end of an attempt and the return of what that held: it says once more
                // what it wants.
                "not_ready_for_payment" => {
                    let _ = self.deliver(acp).await;
                    continue;
                }
                _ => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            }
            if self.payment.as_ref().is_none_or(|payment| payment.sent == INSISTS) {
                self.payment = Some(Payment {
                    token: token(self.card, self.total()).await,
                    key: self.key(),
                    sent: 0,
                });
                self.card = GOOD;
            }
            if self.pay(acp).await == Some(Outcome::Declined) {
                return Outcome::Declined;
            }
        }
    }

    /// Create the session and complete it.
    async fn begin(&mut self, acp: &Acp<'_>) {
        if self.session.is_none() {
            let body = fixtures::cart(RELEASE, ITEM);
            let made = self.insist(acp, "/checkout_sessions", &body, 201).await;
            self.session = Some(made.id().to_owned());
        }
        if self.total.is_none() {
            self.total = Some(self.deliver(acp).await.is("ready_for_payment").total("total"));
        }
    }

    /// Say where it goes.
    async fn deliver(&mut self, acp: &Acp<'_>) -> Answer {
        let body = fixtures::delivery(RELEASE, &fixtures::address());
        let path = format!("/checkout_sessions/{}", self.session());
        self.insist(acp, &path, &body, 200).await
    }

    /// The status of the session.
    async fn look(&self, acp: &Acp<'_>) -> String {
        let path = format!("/checkout_sessions/{}", self.session());
        loop {
            if let Ok(answer) = acp.get(&path).try_send().await
                && answer.status == 200
            {
                return answer["status"].as_str().expect("a status").to_owned();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Send the payment once more. A token that was refused is not used again.
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

    /// A POST until it is answered with that status, always under the same key.
    async fn insist(&mut self, acp: &Acp<'_>, path: &str, body: &Value, status: u16) -> Answer {
        let key = self.key();
        loop {
            match acp.post(path).key(&key).json(body).try_send().await {
                Ok(answer) if answer.status == status => return answer,
                Ok(answer) if answer.status < 500 && answer.status != 409 => panic!("{path}: {}", answer.text()),
                // An error of the host, or no answer: it may have been done.
                Ok(_) | Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("purchase-{}", self.keys)
    }
}
