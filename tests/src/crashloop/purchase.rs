//! One purchase, by an agent that is unaware of the faults.

use serde_json::{Value, json};
use tillhouse_sandbox::{Amount, Currency};

use crate::acp::Release;
use crate::client::{Request, fresh_key};
use crate::fixtures;
use crate::history::{Action, Operation, ShownCheckout, Status};
use crate::http_response::HttpResponse;

use super::agent::{Agents, Checkout};
use super::cards;
use super::observed;
use super::random::Random;
use super::shop::{STOCK, TENANTS};

/// The protocol that an agent uses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    /// ACP, in this release.
    Acp(Release),
    /// The hooks that Stripe calls.
    StripeAcs,
}

/// Maximum number of payment attempts for one checkout, each with another token.
const MAX_PAYMENTS: u32 = 4;

/// How often an agent retrieves a payment in progress before it gives up waiting.
const MAX_READS: u32 = 3;

/// The state of one purchase.
#[derive(Debug)]
pub(super) struct Purchase<'a> {
    agents: &'a Agents,
    random: &'a mut Random,
    tenant: usize,
    protocol: Protocol,
}

impl<'a> Purchase<'a> {
    pub(super) fn of(agents: &'a Agents, number: u32, random: &'a mut Random) -> Self {
        let protocol = match (u64::from(number) + random.below(2)) % 3 {
            0 => Protocol::StripeAcs,
            1 => Protocol::Acp(Release::V2025_09_29),
            _ => Protocol::Acp(Release::V2026_04_17),
        };
        Self {
            tenant: usize::from(random.one_in(3)),
            agents,
            random,
            protocol,
        }
    }

    /// Creates a checkout, sometimes changes it, and pays or cancels it.
    pub(super) async fn make(mut self) {
        let Some(opened) = self.create().await else { return };
        let id = opened.checkout;
        self.agents.opened(Checkout {
            id: id.clone(),
            tenant: self.tenant,
            protocol: self.protocol,
            wrong_amount: false,
        });
        if self.random.one_in(30) {
            self.read_from_other_merchant(&id).await;
        }
        if self.random.one_in(8) {
            self.change(&id).await;
        }
        if self.random.one_in(25) {
            self.cancel(&id).await;
        }
        let mut card = cards::any(self.random);
        for _ in 0..MAX_PAYMENTS {
            let Some(due) = self.due(&id).await else { return };
            self.pay(&id, card, due).await;
            card = cards::next(self.random);
        }
    }

    async fn create(&mut self) -> Option<ShownCheckout> {
        let items = basket(self.random);
        let (path, body) = match self.protocol {
            Protocol::Acp(release) => ("/checkout_sessions", acp_body(release, &items)),
            Protocol::StripeAcs => ("/agentic/checkouts", stripe_body(&items)),
        };
        let answer = self.post(Action::Create, None, path, &body).await?;
        let operation = self.operation(Action::Create, None, None, &body);
        observed::shown(&operation, &answer).filter(|_| answer.status < 300)
    }

    /// Increases the quantity of the first item by one.
    async fn change(&mut self, id: &str) {
        let (path, body) = match self.protocol {
            Protocol::Acp(release) => {
                let path = format!("/checkout_sessions/{id}");
                let items = fixtures::items_member(release);
                (path, json!({items: [{"id": "tee", "quantity": 4}]}))
            }
            Protocol::StripeAcs => {
                let path = format!("/agentic/checkouts/{id}");
                (path, json!({"line_items": [{"sku_id": "tee", "quantity": 4}]}))
            }
        };
        let _ = self.post(Action::Update, Some(id), &path, &body).await;
    }

    /// Cancels the checkout; Stripe's hooks have no cancel.
    async fn cancel(&mut self, id: &str) {
        if let Protocol::Acp(_) = self.protocol {
            let path = format!("/checkout_sessions/{id}/cancel");
            let _ = self.post(Action::Cancel, Some(id), &path, &json!({})).await;
        }
    }

    /// The amount due; `None` if there is nothing more to do for this checkout.
    async fn due(&mut self, id: &str) -> Option<i64> {
        for _ in 0..MAX_READS {
            let shown = retrieve(self.agents, self.tenant, self.protocol, id, self.random).await?;
            match shown.status {
                Status::Open => return shown.total("total"),
                Status::InProgress => {
                    let pause = 20 + self.random.below(60);
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                Status::Completed | Status::Canceled | Status::Expired => return None,
            }
        }
        None
    }

    /// Pays with a token of this card; sometimes with two tokens concurrently.
    async fn pay(&mut self, id: &str, card: &str, due: i64) {
        let first = self.payment(id, card, due).await;
        if self.random.one_in(20) {
            let second = self.payment(id, "pm_card_visa", due).await;
            let (mut here, mut there) = (self.random.fork(), self.random.fork());
            let recorder = &self.agents.recorder;
            let _ = tokio::join!(
                recorder.send_until_answered(&first.0, &first.1, &mut here),
                recorder.send_until_answered(&second.0, &second.1, &mut there)
            );
            return;
        }
        let answer = self
            .agents
            .recorder
            .send_until_answered(&first.0, &first.1, self.random)
            .await;
        if answer.is_some() && self.random.one_in(10) {
            let _ = self
                .agents
                .recorder
                .send_until_answered(&first.0, &first.1, self.random)
                .await;
        }
    }

    async fn payment(&mut self, id: &str, card: &str, due: i64) -> (Operation, Request) {
        let amount = Amount::new(due, &Currency::usd());
        // The sandbox may close an idle connection at the moment of its use; a token that is issued twice is only unused.
        let wallet = &self.agents.wallet;
        let token = match wallet.token(card, &amount).await {
            Ok(token) => token,
            Err(_) => wallet.token(card, &amount).await.expect("a token can be created"),
        };
        if card == cards::WRONG_AMOUNT {
            self.agents.mark_wrong_amount(id);
        }
        self.agents.paid();
        let (path, body) = match self.protocol {
            Protocol::Acp(release) => {
                let path = format!("/checkout_sessions/{id}/complete");
                (path, fixtures::payment(release, token.as_str()))
            }
            Protocol::StripeAcs => {
                let path = format!("/agentic/checkouts/{id}/confirm");
                (path, fixtures::confirmation(token.as_str()))
            }
        };
        self.request(Action::Complete, Some(id), &path, &body)
    }

    /// Retrieves the checkout from the other merchant, which must not find it.
    async fn read_from_other_merchant(&mut self, id: &str) {
        let other = 1 - self.tenant;
        let _ = retrieve(self.agents, other, self.protocol, id, self.random).await;
    }

    /// Sends a POST until it is answered; sometimes once more, to compare the replayed response.
    async fn post(&mut self, action: Action, id: Option<&str>, path: &str, body: &Value) -> Option<HttpResponse> {
        let (operation, request) = self.request(action, id, path, body);
        let answer = self
            .agents
            .recorder
            .send_until_answered(&operation, &request, self.random)
            .await;
        if answer.is_some() && self.random.one_in(20) {
            let _ = self
                .agents
                .recorder
                .send_until_answered(&operation, &request, self.random)
                .await;
        }
        answer
    }

    /// Stripe confirms without a key, as its guide shows; its create has a key here, because it must not create two checkouts.
    fn request(&self, action: Action, id: Option<&str>, path: &str, body: &Value) -> (Operation, Request) {
        let request = self.agents.clients[self.tenant].post(path).json(body);
        let key = fresh_key();
        let (request, key) = match self.protocol {
            Protocol::Acp(release) => (request.acp(release).key(&key), Some(key)),
            Protocol::StripeAcs if action == Action::Complete => (request.signed(), None),
            Protocol::StripeAcs => (request.signed().key(&key), Some(key)),
        };
        (self.operation(action, id, key, body), request)
    }

    fn operation(&self, action: Action, id: Option<&str>, key: Option<String>, body: &Value) -> Operation {
        Operation {
            tenant: TENANTS[self.tenant].to_owned(),
            action,
            checkout: id.map(str::to_owned),
            key,
            body: observed::digest(body.to_string().as_bytes()),
        }
    }
}

/// Retrieves a checkout until there is a response.
pub(super) async fn retrieve(
    agents: &Agents,
    tenant: usize,
    protocol: Protocol,
    id: &str,
    random: &mut Random,
) -> Option<ShownCheckout> {
    let client = &agents.clients[tenant];
    let request = match protocol {
        Protocol::Acp(release) => client.get(&format!("/checkout_sessions/{id}")).acp(release),
        Protocol::StripeAcs => client.get(&format!("/agentic/checkouts/{id}")).signed(),
    };
    let operation = Operation {
        tenant: TENANTS[tenant].to_owned(),
        action: Action::Retrieve,
        checkout: Some(id.to_owned()),
        key: None,
        body: 0,
    };
    let answer = agents
        .recorder
        .send_until_answered(&operation, &request, random)
        .await?;
    observed::shown(&operation, &answer)
}

/// One or two items.
pub(super) fn basket(random: &mut Random) -> Vec<(&'static str, u32)> {
    let (item, _) = random.weighed(&STOCK.map(|item| (if item.0 == "print" { 1 } else { 5 }, item)));
    let quantity = 1 + u32::try_from(random.below(3)).unwrap_or_default();
    let second = if random.one_in(3) { "mug" } else { "tee" };
    if item == second {
        vec![(item, quantity)]
    } else {
        vec![(item, quantity), (second, 1)]
    }
}

fn acp_body(release: Release, items: &[(&str, u32)]) -> Value {
    let delivery = fixtures::delivery(release, &fixtures::address());
    fixtures::with(fixtures::cart(release, items), &delivery)
}

fn stripe_body(items: &[(&str, u32)]) -> Value {
    fixtures::with(
        fixtures::checkout(items),
        &crate::stripe_acs::delivery(&fixtures::address()),
    )
}
