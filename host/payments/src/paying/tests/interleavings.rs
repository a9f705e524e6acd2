//! Random interleavings: whatever changes, is read, retried, declined or restarted, a charge is for the quote that its caller was shown
//! last.
//!
//! `TILLHOUSE_INTERLEAVINGS=2000 cargo test -p tillhouse-payments interleavings` tries as many; the default is some dozens.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{ItemId, SessionId, TokenId};
use tillhouse_checkout::operation::{
    CheckoutOperations, CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder,
};
use tillhouse_checkout::session::{Agent, Session};
use tillhouse_checkout::time::Timestamp;

use crate::testing::{Gate, ITEM, Offer, TestHost, caller, completion, merchant, unavailable};

/// How many interleavings are tried.
fn interleavings() -> u32 {
    let wanted = std::env::var("TILLHOUSE_INTERLEAVINGS").ok();
    wanted.and_then(|number| number.parse().ok()).unwrap_or(48)
}

/// Prices that go up and down, and back to what they were; several have the same total.
const PRICES: [(i64, Offer); 8] = [
    (1000, offer("post", 0, None, 0, 0)),
    (900, offer("post", 100, None, 0, 0)),
    (900, offer("post", 0, Some(("service", 100)), 0, 0)),
    (900, offer("post", 0, Some(("handling", 100)), 0, 0)),
    (900, offer("post", 0, None, 0, 100)),
    (1100, offer("post", 0, None, 100, 0)),
    (1000, offer("courier", 0, None, 0, 0)),
    (1000, offer("post", 0, None, 300, 10)),
];

const fn offer(option: &'static str, price: i64, fee: Option<(&'static str, i64)>, discount: i64, tax: i64) -> Offer {
    Offer {
        option: (option, price),
        fee,
        discount,
        tax,
        available: None,
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// The shop changes its prices.
    Price(usize),
    /// The shop has this many units left.
    Stock(Option<u64>),
    /// The shop's plugin fails, or works again.
    Down(bool),
    Wait(u64),
    Restart,
    Read {
        agent: usize,
        answered: bool,
    },
    Update {
        agent: usize,
        quantity: u32,
        key: Option<u8>,
        answered: bool,
    },
    Complete(Completion),
}

#[derive(Clone, Debug)]
struct Completion {
    agent: usize,
    /// `None` for a fresh one.
    key: Option<u8>,
    /// Whether the token is the one of the completion before.
    same_token: bool,
    declined: bool,
    /// What happens between its quote and its reservation.
    meanwhile: Vec<Step>,
}

fn quiet_step() -> impl Strategy<Value = Step> {
    let key = || prop::option::of(0_u8..3);
    prop_oneof![
        4 => (0..PRICES.len()).prop_map(Step::Price),
        1 => prop::option::of(0_u64..3).prop_map(Step::Stock),
        1 => any::<bool>().prop_map(Step::Down),
        3 => prop::sample::select(vec![1, 30, 61]).prop_map(Step::Wait),
        4 => (0_usize..2, prop::bool::weighted(0.8)).prop_map(|(agent, answered)| Step::Read { agent, answered }),
        2 => (0_usize..2, 1_u32..3, key(), prop::bool::weighted(0.8)).prop_map(
            |(agent, quantity, key, answered)| Step::Update { agent, quantity, key, answered }
        ),
    ]
}

fn completion_step() -> impl Strategy<Value = Step> {
    let meanwhile = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(quiet_step(), 1..4)];
    (
        0_usize..2,
        prop::option::of(0_u8..3),
        prop::bool::weighted(0.3),
        any::<bool>(),
        meanwhile,
    )
        .prop_map(|(agent, key, same_token, declined, meanwhile)| {
            Step::Complete(Completion {
                agent,
                key,
                same_token,
                declined,
                meanwhile,
            })
        })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![8 => quiet_step(), 6 => completion_step(), 1 => Just(Step::Restart)];
    prop::collection::vec(step, 8..32)
}

/// What an answer shows of a quote, told apart without the host's digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct View {
    bought: String,
    due: String,
    total: i64,
}

impl View {
    fn of(session: &Session) -> Self {
        let quote = &session.quote;
        let lines = quote.lines.iter();
        let due = lines.map(|line| (&line.id, line.unit_price, line.order_discount, line.tax, line.total));
        let discounts = quote.discounts.iter().map(|discount| (&discount.id, discount.amount));
        let fees = quote.fees.iter().map(|fee| (&fee.id, fee.amount, fee.tax));
        let options = quote.selected_options().map(|option| (&option.id, option.total));
        let bought = quote.lines.iter().map(|line| (&line.item, line.quantity));
        let chosen = quote.selected_options().map(|option| (&option.id, &option.kind));
        Self {
            bought: format!("{:?} {:?}", bought.collect::<Vec<_>>(), chosen.collect::<Vec<_>>()),
            due: format!(
                "{:?} {:?} {:?} {:?} {:?}",
                due.collect::<Vec<_>>(),
                discounts.collect::<Vec<_>>(),
                fees.collect::<Vec<_>>(),
                options.collect::<Vec<_>>(),
                quote.totals
            ),
            total: quote.totals.total.minor(),
        }
    }
}

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
struct Seen {
    charged: u32,
    charged_lower: u32,
    refused: u32,
    replayed: u32,
}

struct World {
    host: TestHost,
    session: SessionId,
    lower: bool,
    known: [Known; 2],
    tokens: u32,
    seen: Seen,
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
    ResponseRecorder {
        key,
        render,
        deadline: Deadline::default(),
    }
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
    async fn new(lower: bool) -> Self {
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
            currency: None,
            edit: units(1),
            agent: Agent::default(),
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

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
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
            token: TokenId::new(format!("spt_{}", self.tokens)),
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
    async fn finish(&mut self) -> Result<(), TestCaseError> {
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

fn run(lower: bool) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: interleavings(),
        failure_persistence: None,
        ..Config::default()
    });
    let seen = std::cell::RefCell::new(BTreeMap::<&str, u32>::new());
    runner
        .run(&steps(), |steps| {
            let of_run = runtime.block_on(async {
                let mut world = World::new(lower).await;
                for step in steps {
                    world.step(step).await?;
                }
                world.finish().await?;
                Ok::<Seen, TestCaseError>(world.seen)
            })?;
            let mut all = seen.borrow_mut();
            for (what, count) in [
                ("charged", of_run.charged),
                ("charged lower", of_run.charged_lower),
                ("refused", of_run.refused),
                ("replayed", of_run.replayed),
            ] {
                *all.entry(what).or_default() += count;
            }
            Ok(())
        })
        .unwrap();
    let all = seen.into_inner();
    Seen {
        charged: all["charged"],
        charged_lower: all["charged lower"],
        refused: all["refused"],
        replayed: all["replayed"],
    }
}

#[test]
fn whatever_happens_in_between_a_charge_is_for_the_quote_that_was_shown_last() {
    let seen = run(false);
    assert!(
        seen.charged > interleavings() && seen.refused > 0 && seen.replayed > 0,
        "{seen:?}"
    );
    assert_eq!(seen.charged_lower, 0);
}

#[test]
fn where_the_merchant_says_so_a_charge_may_be_lower_for_the_same_purchase() {
    let seen = run(true);
    assert!(
        seen.charged_lower > 0 && seen.refused > 0 && seen.replayed > 0,
        "{seen:?}"
    );
}
