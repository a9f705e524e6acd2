//! A host, a session and two agents, and what each of them knows.

use std::time::Duration;

use proptest::prelude::*;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::operation::{
    CheckoutOperations, CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder,
};
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;

use super::step::{Completion, PRICES, Step};
use super::view::View;
use crate::testing::{Gate, ITEM, Offer, TestHost, caller, completion, merchant, unavailable};

/// What an agent knows.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The quote in the last answer that was made for it.
    shown: Option<View>,
    /// Whether a completion was refused since because something had changed.
    must_read: bool,
}

/// What happened in a run, so that a test in which nothing happens is noticed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) charged: u32,
    pub(super) charged_lower: u32,
    pub(super) refused: u32,
    pub(super) replayed: u32,
}

impl Seen {
    pub(super) const fn add(&mut self, other: Self) {
        self.charged += other.charged;
        self.charged_lower += other.charged_lower;
        self.refused += other.refused;
        self.replayed += other.replayed;
    }
}

pub(super) struct World {
    host: TestHost,
    session: SessionId,
    lower: bool,
    known: [Known; 2],
    tokens: u32,
    pub(super) seen: Seen,
}

fn agent(index: usize) -> Caller {
    Caller {
        principal: Some(format!("agent {index}")),
        ..caller()
    }
}

fn recorder(key: Option<IdempotencyKey>) -> ResponseRecorder {
    let render: RenderFn = std::sync::Arc::new(|session| Reply {
        status: 200,
        body: serde_json::to_vec(&View::of(session)).unwrap(),
    });
    ResponseRecorder::new(key, render, Deadline::default())
}

fn key(agent: usize, endpoint: &str, key: Option<u8>) -> Option<IdempotencyKey> {
    key.map(|key| IdempotencyKey {
        scope: IdempotencyScope {
            merchant: merchant(),
            principal: format!("agent {agent}"),
            endpoint: endpoint.to_owned(),
            key: key.to_string(),
        },
        fingerprint: [0; 32],
        expires: Timestamp(u64::MAX >> 1),
    })
}

fn units(quantity: u32) -> CartEdit {
    CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity,
        }]),
        ..CartEdit::default()
    }
}

impl World {
    pub(super) async fn new(lower: bool) -> Self {
        let host = TestHost::with(|merchant| {
            merchant.charges_lower_total = lower;
            merchant.shares_sessions = true;
        });
        let mut world = Self {
            host,
            session: SessionId::new(""),
            lower,
            known: Default::default(),
            tokens: 0,
            seen: Seen::default(),
        };
        world.create().await;
        world
    }

    async fn create(&mut self) {
        let request = CreateRequest {
            caller: agent(0),
            id: None,
            currency: None,
            edit: units(1),
            agent: Agent::default(),
            attribution: None,
            saved_cart: None,
        };
        self.host.shop.set(|shop| shop.failure = None);
        let sessions = |host: &TestHost| {
            let store = std::sync::Arc::clone(&host.store);
            async move {
                let every = Timestamp(i64::MAX.unsigned_abs());
                let open = tillhouse_checkout::ports::WorkQueue::overdue_sessions(store.as_ref(), every, 100);
                open.await.unwrap().into_iter().map(|session| session.id)
            }
        };
        let before: Vec<SessionId> = sessions(&self.host).await.collect();
        let answer = self.host.api().create(request, recorder(None)).await.unwrap();
        let mut after = sessions(&self.host).await;
        self.session = after.find(|id| !before.contains(id)).unwrap();
        self.known = Default::default();
        self.answered(0, &answer);
    }

    /// An answer with a quote that was made now.
    fn answered(&mut self, agent: usize, answer: &CheckoutResponse) {
        match answer {
            CheckoutResponse::Fresh(reply) | CheckoutResponse::InProgress(reply) => {
                self.known[agent] = Known {
                    shown: serde_json::from_slice(&reply.body).unwrap(),
                    must_read: false,
                };
            }
            CheckoutResponse::Replay(_) => {}
        }
    }

    /// What an edge does with an idempotency key that was used before.
    async fn is_replay(&mut self, key: Option<&IdempotencyKey>) -> bool {
        let Some(key) = key else { return false };
        let recorded = self.host.api().recorded_response(&key.scope).await.unwrap().is_some();
        self.seen.replayed += u32::from(recorded);
        recorded
    }

    pub(super) async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Price(index) => {
                let (price, offer) = PRICES[index].clone();
                self.host.shop.set(|shop| {
                    shop.offer = Offer {
                        available: shop.offer.available,
                        ..offer
                    };
                    shop.price = price;
                });
            }
            Step::Stock(available) => self.host.shop.set(|shop| shop.offer.available = available),
            Step::Down(down) => self.host.shop.set(|shop| shop.failure = down.then(unavailable)),
            Step::Wait(seconds) => self.host.clock.advance(Duration::from_secs(seconds)),
            Step::Restart => self.restart().await,
            Step::Read { agent, answered } => self.read(agent, answered).await,
            Step::Update {
                agent,
                quantity,
                key,
                answered,
            } => self.update(agent, quantity, key, answered).await,
            Step::Complete(completion) => Box::pin(self.complete(completion)).await?,
        }
        Ok(())
    }

    async fn restart(&mut self) {
        let shop = self.host.shop.state();
        let host = std::mem::replace(&mut self.host, TestHost::start());
        self.host = host.restarted().await;
        self.host.shop.set(|state| *state = shop);
    }

    async fn read(&mut self, index: usize, answered: bool) {
        let api = self.host.api();
        let session = api.retrieve(&agent(index), &self.session).await.unwrap();
        if answered {
            self.known[index] = Known {
                shown: Some(View::of(&session)),
                must_read: false,
            };
        } else {
            api.mark_not_shown(&agent(index), &self.session).await.unwrap();
        }
    }

    async fn update(&mut self, index: usize, quantity: u32, number: Option<u8>, answered: bool) {
        let api = self.host.api();
        let key = key(index, &format!("POST {}", self.session), number);
        if self.is_replay(key.as_ref()).await {
            return;
        }
        let done = api
            .update(&agent(index), &self.session, units(quantity), recorder(key))
            .await;
        match done {
            Ok(answer) if answered => self.answered(index, &answer),
            _ => api.mark_not_shown(&agent(index), &self.session).await.unwrap(),
        }
    }

    async fn complete(&mut self, step: Completion) -> Result<(), TestCaseError> {
        let key = key(step.agent, &format!("POST {}/complete", self.session), step.key);
        if self.is_replay(key.as_ref()).await {
            return Ok(());
        }
        self.tokens += u32::from(!step.same_token);
        let request = CompleteRequest {
            caller: agent(step.agent),
            token: PaymentToken::stripe(format!("spt_{}", self.tokens)),
            ..completion(&self.session)
        };
        if step.declined {
            let declined = ChargeOutcome::Declined {
                code: "do_not_honor".into(),
                retryable: true,
            };
            self.host.processor.set(|script| {
                script.charges.clear();
                script.charges.push_back((declined, WireEvidence::Answered));
            });
        } else {
            self.host.processor.set(|script| script.charges.clear());
        }
        let known = self.known[step.agent].clone();
        let charged = self.charges();
        let done = self.run(request, key.clone(), step.meanwhile).await?;
        if self.charges() > charged {
            self.check_charge(&known, charged).await?;
        }
        match done {
            Err(error) if error.must_read_again() => {
                self.seen.refused += 1;
                // A showing while the completion ran may have been overtaken by the refusal, never the other way around.
                self.known[step.agent].must_read = true;
                if let Some(key) = key {
                    let reply = Reply {
                        status: 409,
                        body: Vec::new(),
                    };
                    self.host.api().record_response(key.record(reply)).await.unwrap();
                }
            }
            Err(_) => {}
            Ok(_) => self.create().await,
        }
        Ok(())
    }

    /// Pay, with these steps between its quote and its reservation.
    async fn run(
        &mut self,
        request: CompleteRequest,
        key: Option<IdempotencyKey>,
        meanwhile: Vec<Step>,
    ) -> Result<Result<CheckoutResponse, CheckoutError>, TestCaseError> {
        let api = self.host.api();
        if meanwhile.is_empty() {
            return Ok(api.complete(request, recorder(key)).await);
        }
        let gate = Gate::default();
        self.host.shop.set(|shop| shop.gate = Some(gate.clone()));
        let mut paying = tokio::spawn(async move { api.complete(request, recorder(key)).await });
        tokio::select! {
            done = &mut paying => {
                self.host.shop.set(|shop| shop.gate = None);
                return Ok(done.unwrap());
            }
            () = gate.reached.notified() => {}
        }
        for step in meanwhile {
            self.step(step).await?;
        }
        gate.opened.notify_one();
        Ok(paying.await.unwrap())
    }

    /// How often the processor was asked for money.
    fn charges(&self) -> usize {
        self.host.processor.read(|script| script.orders.len())
    }

    async fn check_charge(&mut self, known: &Known, before: usize) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.charges(), before + 1);
        let session = self.host.stored(&self.session).await;
        let paid = View::of(&session);
        let attempt = self.host.attempts(&self.session).await.pop().unwrap();
        prop_assert_eq!(attempt.amount.amount.minor(), paid.total);
        let sent = self.host.processor.read(|script| script.orders[before].clone());
        prop_assert!(sent.contains(&format!("amount: {:?}", attempt.amount)), "{}", sent);
        prop_assert!(!known.must_read, "paid after a refusal, without a look: {:?}", paid);
        let shown = known.shown.clone();
        let shown = shown.ok_or_else(|| TestCaseError::fail(format!("never shown: {paid:?}")))?;
        let is_lower = self.lower && paid.total < shown.total && paid.bought == shown.bought;
        prop_assert!(paid == shown || is_lower, "shown {:?}, paid {:?}", shown, paid);
        self.seen.charged += 1;
        self.seen.charged_lower += u32::from(is_lower);
        Ok(())
    }

    /// An agent that looks and then pays is always served, and pays what it saw.
    pub(super) async fn finish(&mut self) -> Result<(), TestCaseError> {
        self.host.shop.set(|shop| {
            shop.failure = None;
            shop.offer.available = None;
        });
        self.host.clock.advance(Duration::from_secs(61));
        self.read(0, true).await;
        let charged = self.seen.charged;
        self.complete(Completion {
            agent: 0,
            key: None,
            same_token: false,
            declined: false,
            meanwhile: Vec::new(),
        })
        .await?;
        prop_assert_eq!(self.seen.charged, charged + 1);
        Ok(())
    }
}
