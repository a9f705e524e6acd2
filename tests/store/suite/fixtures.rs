//! Small examples of everything that a store holds.

mod attempt_state;

pub(crate) use attempt_state::{approved_with, state};

use super::Subject;
use std::time::Duration;
use tillhouse_checkout::attempt::{
    Attempt, AttemptHistory, AttemptState, AttemptStatus, AttemptWrite, Paid, RetrySchedule,
};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::{OrderIdentity, Reservation};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope, Reply};
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId, OrderId, PluginId, ReservationId, SessionId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{Order, OrderProgress, OrderWrite};
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage, QueuedMessage};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedRead, StagedWrite};
use tillhouse_checkout::ports::{AttemptFilter, MessageFilter, MessageSelection};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::session::{Agent, Session, SessionState};
use tillhouse_checkout::shown_quote::ShownQuotes;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

/// The time at which the clock of every test starts, in milliseconds since the Unix epoch.
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
        protocol: None,
        consents: Vec::new(),
        catalog: None,
        kept_order: None,
        attributions: Vec::new(),
        intent_trace: None,
        asked: None,
        shown: ShownQuotes::default(),
        last_payment_error: None,
        created: START,
        updated: START,
        expires: Timestamp(START.0 + 1000),
    }
}

/// An attempt whose ids all follow from its own and that of its checkout session.
pub(crate) fn attempt(id: &str, session: &str, status: AttemptStatus) -> Attempt {
    Attempt {
        id: AttemptId::new(id),
        merchant: merchant(),
        session: SessionId::new(session),
        payer: Payer::Token(PaymentToken::stripe(format!("spt_{id}"))),
        amount: money(4598),
        state: state(id, status),
        resolve_key: format!("resolve-{id}"),
        charge_key: format!("charge-{id}"),
        report_key: format!("report-{id}"),
        reference: format!("reference-{id}"),
        order: OrderIdentity {
            id: format!("order-{id}"),
            number: None,
            permalink: "https://shop.example.com/orders/1".into(),
            confirmation: None,
        },
        reservation: Reservation {
            id: ReservationId::new(id),
            lines: Vec::new(),
            expires: Timestamp(START.0 + 1000),
        },
        redeemed: Vec::new(),
        billing: None,
        device: Device::default(),
        initiated: START,
        history: AttemptHistory::default(),
        retry: RetrySchedule::default(),
        epoch: 0,
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
        progress: OrderProgress::default(),
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
        kind: MessageKind::ReportPayment,
        stream: None,
        session: None,
        destination: None,
        dedupe: dedupe.into(),
        payload: "{\"amount\":4598}".into(),
        due,
    }
}

pub(crate) fn in_stream(dedupe: &str, stream: &str) -> OutboxMessage {
    OutboxMessage {
        stream: Some(stream.into()),
        ..message(dedupe, START)
    }
}

/// Leases every message that is due at the start.
pub(crate) async fn lease_all(subject: &Subject) -> Vec<QueuedMessage> {
    let selection = MessageSelection::of_all(100);
    subject
        .store
        .lease_messages(&host("a"), START, &selection)
        .await
        .unwrap()
}

pub(crate) fn all_messages() -> MessageFilter {
    MessageFilter {
        limit: 100,
        ..MessageFilter::default()
    }
}

pub(crate) fn all_attempts() -> AttemptFilter {
    AttemptFilter {
        limit: 100,
        ..AttemptFilter::default()
    }
}

pub(crate) fn event(id: &str) -> InboxEvent {
    InboxEvent {
        source: EventSource::Stripe(merchant()),
        id: id.into(),
        merchant: merchant(),
        kind: "shared_payment.granted_token.deactivated".into(),
        payload: "{}".into(),
        received: START,
    }
}

pub(crate) fn found(subject: &str) -> Discrepancy {
    Discrepancy {
        merchant: merchant(),
        kind: DiscrepancyKind::AmountDiffers,
        subject: subject.into(),
        attempt: Some(AttemptId::new("pa_1")),
        detail: "4598 here, 4599 there".into(),
        found: START,
    }
}

pub(crate) fn entry(subject: &str) -> AuditEntry {
    AuditEntry {
        at: START,
        actor: "operator:ada".into(),
        action: AuditAction::SettleAttempt,
        subject: subject.into(),
        detail: "{\"evidence\":\"statement of 3 May\"}".into(),
    }
}

/// A lease holder whose leases outlast every test.
pub(crate) fn host(name: &str) -> LeaseHolder {
    LeaseHolder {
        host: HostId::new(name),
        lease: Duration::from_secs(3600),
    }
}

/// A lease holder whose leases expire at once or soon after.
pub(crate) fn short_lived(name: &str) -> LeaseHolder {
    LeaseHolder {
        host: HostId::new(name),
        lease: Duration::from_millis(5),
    }
}

pub(crate) const fn later(millis: u64) -> Timestamp {
    Timestamp(START.0 + millis)
}

pub(crate) fn namespace(plugin: &str) -> Namespace {
    Namespace {
        merchant: merchant(),
        plugin: PluginId::new(plugin),
    }
}

/// A unit of work that only inserts a session.
pub(crate) fn insert_session(session: Session) -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session),
            replaces: None,
        }),
        ..UnitOfWork::default()
    }
}

pub(crate) fn replace_session(session: Session, replaces: u64) -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session),
            replaces: Some(replaces),
        }),
        ..UnitOfWork::default()
    }
}

pub(crate) fn insert_attempt(attempt: Attempt) -> UnitOfWork {
    write_attempt(AttemptWrite::new(attempt, None))
}

pub(crate) fn begin_attempt(attempt: Attempt, by: &LeaseHolder) -> UnitOfWork {
    write_attempt(AttemptWrite::new(attempt, Some(by.clone())))
}

pub(crate) fn replace_attempt(attempt: Attempt, replaces: AttemptStatus) -> UnitOfWork {
    write_attempt(AttemptWrite::replacing(attempt, replaces))
}

fn write_attempt(write: AttemptWrite) -> UnitOfWork {
    UnitOfWork {
        attempt: Some(write),
        ..UnitOfWork::default()
    }
}

pub(crate) fn in_state(attempt: &Attempt, status: AttemptStatus) -> Attempt {
    let nothing_due = AttemptState::Approved {
        paid: Paid::NothingDue,
        settled: START,
    };
    Attempt {
        state: match (&attempt.payer, status) {
            (Payer::NothingDue {}, AttemptStatus::Approved) => nothing_due,
            _ => state(attempt.id.as_str(), status),
        },
        ..attempt.clone()
    }
}

pub(crate) fn insert_order(order: Order) -> UnitOfWork {
    UnitOfWork {
        order: Some(OrderWrite::new(order)),
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

pub(crate) fn receive(event: InboxEvent) -> UnitOfWork {
    UnitOfWork {
        event: Some(event),
        ..UnitOfWork::default()
    }
}

pub(crate) fn note(found: Discrepancy) -> UnitOfWork {
    UnitOfWork {
        discrepancy: Some(found),
        ..UnitOfWork::default()
    }
}

pub(crate) fn audit(entry: AuditEntry) -> UnitOfWork {
    UnitOfWork {
        audit: Some(entry),
        ..UnitOfWork::default()
    }
}

pub(crate) fn stage(reads: Vec<StagedRead>, writes: Vec<StagedWrite>) -> UnitOfWork {
    UnitOfWork {
        staged: StagedChanges { reads, writes },
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
