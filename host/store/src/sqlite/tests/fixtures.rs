//! Fixtures for the tests of the engine itself.

use crate::commit_marks::{CommitMarks, Identity};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ids::{MerchantId, PluginId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::session::{Agent, Session, SessionState};
use tillhouse_checkout::shown_quote::ShownQuotes;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

pub(super) const START: Timestamp = Timestamp(1_700_000_000_000);

/// A clock that always returns [`START`].
#[derive(Debug)]
pub(super) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        START
    }
}

pub(super) fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

pub(super) fn session(id: &str, revision: u64) -> Session {
    Session {
        id: SessionId::new(id),
        merchant: merchant(),
        revision,
        state: SessionState::Open,
        currency: Currency::new("USD").unwrap(),
        cart: Cart::default(),
        quote: Quote::default(),
        agent: Agent::default(),
        protocol: None,
        asked: None,
        shown: ShownQuotes::default(),
        consents: Vec::new(),
        catalog: None,
        kept_order: None,
        attributions: Vec::new(),
        intent_trace: None,
        last_payment_error: None,
        created: START,
        updated: START,
        expires: Timestamp(START.0 + 1000),
    }
}

pub(super) fn insert_session(session: Session) -> UnitOfWork {
    UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session),
            replaces: None,
        }),
        ..UnitOfWork::default()
    }
}

pub(super) fn put(key: &str, value: &[u8]) -> UnitOfWork {
    let put = StagedWrite::Put {
        namespace: Namespace {
            merchant: merchant(),
            plugin: PluginId::new("shop"),
        },
        key: key.into(),
        value: Some(value.to_vec()),
    };
    UnitOfWork {
        staged: StagedChanges {
            reads: Vec::new(),
            writes: vec![put],
        },
        ..UnitOfWork::default()
    }
}

/// Commit marks of a host without a memory.
pub(super) fn marks() -> CommitMarks {
    let identity = Identity {
        store: String::new(),
        host: String::new(),
    };
    CommitMarks::begin(identity, None).unwrap()
}
