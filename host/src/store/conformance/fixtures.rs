//! Small examples of everything that is stored.

use std::time::Duration;

use crate::checkout::attempt::{Attempt, AttemptState, WireEvidence};
use crate::checkout::audit::AuditEntry;
use crate::checkout::cart::Cart;
use crate::checkout::decision::{OrderIdentity, Reservation};
use crate::checkout::ids::{AttemptId, HostId, MerchantId, OrderId, PluginId, ReservationId, SessionId, TokenId};
use crate::checkout::money::{Amount, Currency, Money};
use crate::checkout::order::Order;
use crate::checkout::ports::MessageFilter;
use crate::checkout::quote::Quote;
use crate::checkout::session::{Agent, Session, SessionState};
use crate::checkout::time::Timestamp;
use crate::checkout::unit::{
    AttemptWrite, Break, Claimant, IdempotencyRecord, IdempotencyScope, InboxEvent, Namespace, OutboxMessage, Reply,
    SessionWrite, Staged, StagedRead, StagedWrite, UnitOfWork,
};

/// Where the clock of every test begins.
pub(crate) const START: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

pub(crate) fn currency() -> Currency {
    Currency::new("USD").unwrap()
}

pub(crate) fn money(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: currency(),
    }
}

pub(crate) fn session(id: &str, revision: u64) -> Session {
    Session {
        id: SessionId::new(id),
        merchant: merchant(),
        revision,
        state: SessionState::Open,
        currency: currency(),
        cart: Cart::default(),
        quote: Quote::default(),
        agent: Agent::default(),
        setback: None,
        created: START,
        updated: START,
        expires: Timestamp(START.0 + 1000),
    }
}

/// An attempt whose ids all follow from its own and that of its checkout.
pub(crate) fn attempt(id: &str, session: &str, state: AttemptState) -> Attempt {
    Attempt {
        id: AttemptId::new(id),
        merchant: merchant(),
        session: SessionId::new(session),
        token: TokenId::new(format!("spt_{id}")),
        amount: money(4598),
        state,
        resolve_key: format!("resolve-{id}"),
        charge_key: format!("charge-{id}"),
        report_key: format!("report-{id}"),
        reference: format!("reference-{id}"),
        order: OrderIdentity {
            id: format!("order-{id}"),
            number: None,
            permalink: "https://shop.example.com/orders/1".into(),
        },
        reservation: Reservation {
            id: ReservationId::new(id),
            lines: Vec::new(),
            expires: Timestamp(START.0 + 1000),
        },
        redeemed: Vec::new(),
        billing: None,
        charge_digest: None,
        destination: None,
        wire: WireEvidence::NothingSent,
        processor_reference: None,
        reason: None,
        initiated: START,
        charge_sent: None,
        unknown_since: None,
        settled: None,
        tries: 0,
        next_try: None,
        epoch: 0,
    }
}

pub(crate) fn claimant(host: &str) -> Claimant {
    Claimant {
        host: HostId::new(host),
        lease: Duration::from_secs(600),
    }
}

pub(crate) fn order(id: &str, session: &str) -> Order {
    Order {
        id: OrderId::new(id),
        number: Some("1001".into()),
        permalink: "https://shop.example.com/orders/1".into(),
        merchant: merchant(),
        session: SessionId::new(session),
        attempt: AttemptId::new("pa_1"),
        total: money(4598),
        created: START,
    }
}

pub(crate) fn scope(key: &str) -> IdempotencyScope {
    IdempotencyScope {
        merchant: merchant(),
        principal: "openai".into(),
        endpoint: "POST /checkout_sessions".into(),
        key: key.into(),
    }
}

pub(crate) fn answer(key: &str, expires: Timestamp) -> IdempotencyRecord {
    IdempotencyRecord {
        scope: scope(key),
        fingerprint: [7; 32],
        reply: Reply {
            status: 201,
            body: b"{\"id\":\"cs_1\"}".to_vec(),
        },
        expires,
    }
}

pub(crate) fn message(dedupe: &str, due: Timestamp) -> OutboxMessage {
    OutboxMessage {
        merchant: merchant(),
        kind: "stripe.report_payment".into(),
        stream: None,
        dedupe: dedupe.into(),
        payload: "{\"amount\":4598}".into(),
        due,
    }
}

pub(crate) fn any_message() -> MessageFilter {
    MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    }
}

pub(crate) fn event(id: &str) -> InboxEvent {
    InboxEvent {
        source: "stripe".into(),
        id: id.into(),
        merchant: merchant(),
        kind: "shared_payment.granted_token.deactivated".into(),
        payload: "{}".into(),
        received: START,
    }
}

pub(crate) fn found(subject: &str) -> Break {
    Break {
        merchant: merchant(),
        kind: "amount_differs".into(),
        subject: subject.into(),
        attempt: Some(AttemptId::new("pa_1")),
        detail: "approved 1 usd where 2 usd was due".into(),
        found: START,
    }
}

pub(crate) fn audit_entry(subject: &str) -> AuditEntry {
    AuditEntry {
        at: START,
        actor: "operator:ada".into(),
        action: "attempt.settle".into(),
        subject: subject.into(),
        detail: "{}".into(),
    }
}

pub(crate) fn namespace(plugin: &str) -> Namespace {
    Namespace {
        merchant: merchant(),
        plugin: PluginId::new(plugin),
    }
}

/// Units that do one thing.
pub(crate) fn insert_session(session: Session) -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session,
            replaces: None,
        }),
        ..UnitOfWork::default()
    }
}

pub(crate) fn replace_session(session: Session, replaces: u64) -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session,
            replaces: Some(replaces),
        }),
        ..UnitOfWork::default()
    }
}

pub(crate) fn insert_attempt(attempt: Attempt) -> UnitOfWork {
    UnitOfWork {
        attempt: Some(AttemptWrite::new(attempt, None)),
        ..UnitOfWork::default()
    }
}

pub(crate) fn replace_attempt(attempt: Attempt, replaces: AttemptState) -> UnitOfWork {
    UnitOfWork {
        attempt: Some(AttemptWrite::moving(attempt, replaces)),
        ..UnitOfWork::default()
    }
}

pub(crate) fn insert_order(order: Order) -> UnitOfWork {
    UnitOfWork {
        order: Some(order),
        ..UnitOfWork::default()
    }
}

pub(crate) fn record(answer: IdempotencyRecord) -> UnitOfWork {
    UnitOfWork {
        idempotency: Some(answer),
        ..UnitOfWork::default()
    }
}

pub(crate) fn send(messages: Vec<OutboxMessage>) -> UnitOfWork {
    UnitOfWork {
        outbox: messages,
        ..UnitOfWork::default()
    }
}

pub(crate) fn stage(reads: Vec<StagedRead>, writes: Vec<StagedWrite>) -> UnitOfWork {
    UnitOfWork {
        staged: Staged { reads, writes },
        ..UnitOfWork::default()
    }
}

pub(crate) fn put(plugin: &str, key: &str, value: Option<&[u8]>) -> StagedWrite {
    StagedWrite::Put {
        namespace: namespace(plugin),
        key: key.into(),
        value: value.map(<[u8]>::to_vec),
    }
}

pub(crate) fn read(plugin: &str, key: &str, version: Option<u64>) -> StagedRead {
    StagedRead {
        namespace: namespace(plugin),
        key: key.into(),
        version,
    }
}

pub(crate) fn add(key: &str, delta: i64, floor: Option<i64>) -> StagedWrite {
    StagedWrite::Add {
        namespace: namespace("shop"),
        key: key.into(),
        delta,
        floor,
    }
}
