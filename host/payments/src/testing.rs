//! A host for the tests of this crate: a real store in a temporary folder, and a shop, a processor and a token service that answer as
//! the test says.

mod determined;
mod orders;
mod processor;
mod publisher;
mod requests;
mod shop;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use tillhouse_checkout::attempt::{Attempt, AttemptHistory, AttemptState, AttemptWrite, RetrySchedule};
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::{OrderIdentity, Reservation};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId, ReservationId, SessionId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::merchant::Merchant;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, CreateRequest};
use tillhouse_checkout::outage::Outages;
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::service::CheckoutService;
use tillhouse_checkout::session::{Agent, Session, SessionState};
use tillhouse_checkout::shown_quote::ShownQuotes;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};
use tillhouse_store::{SqliteSettings, SqliteStore};

use crate::adyen::AdyenTokens;
use crate::api::CheckoutApi;
use crate::issuer::TokenIssuers;
use crate::{PaymentParts, Payments, Timings};
use determined::NumberedIds;

pub(crate) use determined::ManualClock;
pub(crate) use orders::LINE;
pub(crate) use processor::{
    ScriptedProcessor, action_required, approved, profile, profile_without_key, three_d_secure, unavailable,
    unsupported,
};
pub(crate) use publisher::{ScriptedPublisher, event_for};
pub(crate) use requests::{completion, completion_with, creation, key, recorder};
pub(crate) use shop::{Offer, ScriptedShop, ShopState};
pub(crate) use tokens::{Gate, ScriptedTokens, active};

pub(crate) const START: Timestamp = Timestamp(1_700_000_000_000);

/// The item that the shop sells: a download.
pub(crate) const ITEM: &str = "print-file";

/// A host of one merchant, without workers: a test runs each step.
pub(crate) struct TestHost {
    pub(crate) payments: Payments,
    pub(crate) checkout: CheckoutService,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) shop: Arc<ScriptedShop>,
    pub(crate) processor: Arc<ScriptedProcessor>,
    pub(crate) tokens: Arc<ScriptedTokens>,
    pub(crate) publisher: Arc<ScriptedPublisher>,
    machine: Machine,
}

/// What outlives a process: the disk, the clock, the settings, and ids that are never drawn twice.
struct Machine {
    store: Arc<SqliteStore>,
    /// Deleted with the last host.
    #[expect(dead_code, reason = "kept for the store, whose files are in it")]
    folder: Arc<TempDir>,
    clock: Arc<ManualClock>,
    merchant: Merchant,
    ids: Arc<NumberedIds>,
    starts: u32,
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

/// The agent of every test that does not name another.
pub(crate) fn caller() -> Caller {
    Caller {
        merchant: merchant(),
        protocol: Protocol::Acp,
        principal: Some("agent".into()),
    }
}

pub(crate) fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("usd").unwrap(),
    }
}

pub(crate) fn address(country: &str) -> Address {
    Address {
        line_one: "1 Main St".into(),
        city: "Town".into(),
        country: country.into(),
        ..Address::default()
    }
}

impl TestHost {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// A host whose merchant has other settings than the defaults.
    pub(crate) fn with(change: impl FnOnce(&mut Merchant)) -> Self {
        let folder = Arc::new(TempDir::with_prefix("tillhouse-payments-").unwrap());
        let clock = Arc::new(ManualClock::at(START));
        let settings = SqliteSettings::new(folder.path().join("store"));
        let mut merchant = Merchant {
            id: merchant(),
            currency: usd(0).currency,
            session_ttl: Duration::from_secs(3600),
            cart_ttl: Duration::from_secs(3600),
            shares_sessions: false,
            max_open_sessions: 100,
            token_issuers: vec![Party::Stripe],
            charges_lower_total: false,
            quote_max_age: Duration::from_secs(60),
            statement: Some("ACME".into()),
        };
        change(&mut merchant);
        Self::over(Machine {
            store: Arc::new(SqliteStore::open(&settings, Arc::clone(&clock) as _).unwrap()),
            folder,
            clock,
            merchant,
            ids: Arc::new(NumberedIds::default()),
            starts: 1,
        })
    }

    /// Another process over the same store, as after a crash.
    pub(crate) async fn restarted(self) -> Self {
        tillhouse_checkout::ports::WorkQueue::release_leases(self.store.as_ref(), self.payments.host())
            .await
            .unwrap();
        Self::over(Machine {
            starts: self.machine.starts + 1,
            ..self.machine
        })
    }

    fn over(machine: Machine) -> Self {
        let (store, clock) = (Arc::clone(&machine.store), Arc::clone(&machine.clock));
        let (shop, processor, tokens) = (
            Arc::new(ScriptedShop::default()),
            Arc::new(ScriptedProcessor::default()),
            Arc::new(ScriptedTokens::default()),
        );
        let publisher = Arc::new(ScriptedPublisher::default());
        let checkout = CheckoutService {
            store: Arc::clone(&store) as _,
            decisions: Arc::clone(&shop) as _,
            merchants: Arc::new([machine.merchant.clone()].into_iter().collect()),
            outages: Arc::new(Outages::default()),
            open_sessions: Arc::default(),
            clock: Arc::clone(&clock) as _,
            ids: Arc::clone(&machine.ids) as _,
        };
        let payments = Payments::new(PaymentParts {
            checkout: checkout.clone(),
            processor: Arc::clone(&processor) as _,
            issuers: TokenIssuers::default()
                .with(IssuerName::Stripe, Arc::clone(&tokens) as _)
                .with(IssuerName::Adyen, Arc::new(AdyenTokens::new([merchant()].into()))),
            publisher: Arc::clone(&publisher) as _,
            lease_holder: LeaseHolder {
                host: HostId::new(format!("host_{}", machine.starts)),
                lease: Duration::from_secs(30),
            },
            timings: Timings::default(),
        });
        Self {
            payments,
            checkout,
            store,
            clock,
            shop,
            processor,
            tokens,
            publisher,
            machine,
        }
    }

    /// What the edges call.
    pub(crate) fn api(&self) -> CheckoutApi {
        CheckoutApi::new(self.checkout.clone(), self.payments.clone())
    }

    /// A checkout session with one download, as an agent creates it.
    pub(crate) async fn session(&self) -> SessionId {
        Box::pin(self.session_of(creation())).await
    }

    /// The same of an agent that can have its buyer authenticate.
    pub(crate) async fn session_with_3ds(&self) -> SessionId {
        let mut creation = creation();
        creation.agent.interventions = vec!["3ds".into()];
        Box::pin(self.session_of(creation)).await
    }

    pub(crate) async fn session_of(&self, creation: CreateRequest) -> SessionId {
        Box::pin(self.checkout.create(creation, recorder())).await.unwrap();
        let sessions = tillhouse_checkout::ports::WorkQueue::overdue_sessions(
            self.store.as_ref(),
            Timestamp(i64::MAX.unsigned_abs()),
            10,
        );
        sessions.await.unwrap().pop().unwrap().id
    }

    pub(crate) async fn complete(&self, request: CompleteRequest) -> Result<CheckoutResponse, CheckoutError> {
        Box::pin(self.payments.paying().complete(request, recorder())).await
    }

    pub(crate) async fn stored(&self, id: &SessionId) -> Session {
        self.store.session(&merchant(), id).await.unwrap().unwrap()
    }

    /// The attempts to pay a session, oldest first.
    pub(crate) async fn attempts(&self, id: &SessionId) -> Vec<Attempt> {
        self.store.attempts_of(&merchant(), id).await.unwrap()
    }

    /// Store an attempt in this state, beside a session that it does not pay.
    pub(crate) async fn with_attempt(&self, state: AttemptState) -> AttemptId {
        let attempt = attempt(state);
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session_of(&attempt)),
                replaces: None,
            }),
            attempt: Some(AttemptWrite::new(attempt.clone(), None)),
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await.unwrap();
        attempt.id
    }

    pub(crate) async fn attempt(&self, id: &AttemptId) -> Attempt {
        self.store.attempt(id).await.unwrap().unwrap()
    }
}

fn attempt(state: AttemptState) -> Attempt {
    Attempt {
        id: AttemptId::new("pa_1"),
        merchant: merchant(),
        session: SessionId::new("cs_1"),
        payer: Payer::Token(PaymentToken::stripe("spt_1")),
        amount: usd(4598),
        resolve_key: "resolve".into(),
        charge_key: "charge".into(),
        report_key: "report".into(),
        reference: "pa_1".into(),
        order: OrderIdentity {
            id: "ord_1".into(),
            number: None,
            permalink: "https://shop.example/orders/1".into(),
            confirmation: None,
        },
        reservation: Reservation {
            id: ReservationId::new("pa_1"),
            lines: Vec::new(),
            expires: START.after(Duration::from_secs(3600)),
        },
        redeemed: Vec::new(),
        billing: None,
        device: Device::default(),
        initiated: START,
        state,
        history: AttemptHistory::default(),
        retry: RetrySchedule::default(),
        epoch: 0,
    }
}

fn session_of(attempt: &Attempt) -> Session {
    Session {
        id: attempt.session.clone(),
        merchant: attempt.merchant.clone(),
        revision: 1,
        state: SessionState::Open,
        currency: attempt.amount.currency,
        cart: Cart::default(),
        quote: Quote::default(),
        asked: None,
        shown: ShownQuotes::default(),
        agent: Agent::default(),
        protocol: None,
        consents: Vec::new(),
        catalog: None,
        kept_order: None,
        attributions: Vec::new(),
        intent_trace: None,
        last_payment_error: None,
        created: START,
        updated: START,
        expires: START.after(Duration::from_secs(3600)),
    }
}
