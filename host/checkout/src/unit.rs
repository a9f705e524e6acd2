//! One unit of work: everything that one phase of an operation changes, committed together or not at all.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, AttemptState};
use super::audit::AuditEntry;
use super::ids::{AttemptId, HostId, MerchantId, PluginId};
use super::order::Order;
use super::session::Session;
use super::time::Timestamp;

/// Whose plugin data: releases of the same plugin share it, merchants never do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace {
    /// The merchant.
    pub merchant: MerchantId,
    /// The plugin.
    pub plugin: PluginId,
}

/// A value of `kv` and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The value.
    pub value: Vec<u8>,
    /// Grows with every committed write.
    pub version: u64,
}

/// A staged change of plugin data, in the order in which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StagedWrite {
    /// `kv.set`, or a removal where there is no value. `kv.expect` was checked against the staged state; what was read from
    /// the store is in [`StagedRead`].
    Put {
        /// Whose.
        namespace: Namespace,
        /// Key.
        key: String,
        /// Value, or `None` to remove it.
        value: Option<Vec<u8>>,
    },
    /// `counters.add`.
    Add {
        /// Whose.
        namespace: Namespace,
        /// Key.
        key: String,
        /// What is added.
        delta: i64,
        /// The counter may not end below.
        floor: Option<i64>,
    },
}

/// A version of `kv` that a phase relied on; checked again at commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRead {
    /// Whose.
    pub namespace: Namespace,
    /// Key.
    pub key: String,
    /// The version that was read, or `None` where there was no value.
    pub version: Option<u64>,
}

/// What a phase left behind in plugin data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Reads to check.
    pub reads: Vec<StagedRead>,
    /// Writes to make.
    pub writes: Vec<StagedWrite>,
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// Body as sent.
    pub body: Vec<u8>,
}

/// What an idempotency key is unique within (ACP RFC agentic checkout §6: authenticated identity and path).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyScope {
    /// The merchant.
    pub merchant: MerchantId,
    /// Who called: the name of the key or signer, never the key itself.
    pub principal: String,
    /// Method and path.
    pub endpoint: String,
    /// The key as sent.
    pub key: String,
}

/// The record of an answered request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Its scope.
    pub scope: IdempotencyScope,
    /// SHA-256 of the canonical body.
    pub fingerprint: [u8; 32],
    /// The answer.
    pub reply: Reply,
    /// Until when it is kept.
    pub expires: Timestamp,
}

/// A message to the outside world, sent at least once after the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Whose.
    pub merchant: MerchantId,
    /// Kind: `stripe.report_payment`, `orders.notify`, `acp.order_event` …
    pub kind: String,
    /// Messages of one kind and stream are delivered in the order in which they were queued, one at a time. `None` for one
    /// that stands alone.
    #[serde(default)]
    pub stream: Option<String>,
    /// Unique within the kind: the same message is never queued twice.
    pub dedupe: String,
    /// Body, frozen, as JSON.
    pub payload: String,
    /// When it is first due.
    pub due: Timestamp,
}

/// A queued message, as a worker gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Its row.
    pub id: i64,
    /// The message.
    pub message: OutboxMessage,
    /// How often it was tried before.
    pub tries: u32,
    /// Which lease this is.
    pub epoch: u64,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// To be delivered.
    Queued,
    /// Delivered.
    Delivered,
    /// Given up; a person may have it tried again.
    Dead,
}

impl MessageState {
    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Queued, Self::Delivered, Self::Dead]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A message of the outbox, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageRecord {
    /// Its row.
    pub id: i64,
    /// The message.
    #[serde(flatten)]
    pub message: OutboxMessage,
    /// Where it is.
    pub state: MessageState,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next, if it is queued.
    pub next_try: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was delivered or given up.
    pub ended: Option<Timestamp>,
}

/// An event that another system sent. Its source and id tell repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEvent {
    /// Who sent it: `stripe:acme`, `processor:acme`.
    pub source: String,
    /// Its id, from the sender.
    pub id: String,
    /// Whom it concerns.
    pub merchant: MerchantId,
    /// The sender's name of its kind.
    pub kind: String,
    /// Its body, where it is kept.
    pub payload: String,
    /// When it came.
    pub received: Timestamp,
}

/// Our books and those of another disagree. Found by reconciliation or by a processor's word; to be looked at by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// Whose.
    pub merchant: MerchantId,
    /// `amount_differs`, `charged_elsewhere`, `missing_at_processor`, `reference_seen` …
    pub kind: String,
    /// What it is about: a processor's reference or one of ours. One break is kept per kind and subject.
    pub subject: String,
    /// Our attempt, where there is one.
    pub attempt: Option<AttemptId>,
    /// What differs, for a person.
    pub detail: String,
    /// When it was first seen.
    pub found: Timestamp,
}

/// Who takes work on, and for how long others leave it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// The host.
    pub host: HostId,
    /// How long without renewal.
    pub lease: Duration,
}

/// A new or changed session.
#[derive(Clone, Debug)]
pub struct SessionWrite {
    /// The session as it shall be.
    pub session: Session,
    /// The revision that it replaces; `None` for a new session.
    pub replaces: Option<u64>,
}

/// A new or changed attempt.
#[derive(Clone, Debug)]
pub struct AttemptWrite {
    /// The attempt as it shall be.
    pub attempt: Attempt,
    /// The state that it replaces; `None` for a new attempt.
    pub replaces: Option<AttemptState>,
    /// Who works on a new attempt from the first; `None` to leave it to whoever claims it. A change keeps the lease, unless
    /// nobody drives the attempt on from there ([`Attempt::keeps_lease`]).
    pub claimant: Option<Claimant>,
}

impl AttemptWrite {
    /// A change of an attempt that is thought to be in this state.
    #[must_use]
    pub const fn moving(attempt: Attempt, before: AttemptState) -> Self {
        Self {
            attempt,
            replaces: Some(before),
            claimant: None,
        }
    }

    /// A new attempt, with who works on it.
    #[must_use]
    pub const fn new(attempt: Attempt, claimant: Option<Claimant>) -> Self {
        Self {
            attempt,
            replaces: None,
            claimant,
        }
    }
}

/// Everything that one phase changes.
#[derive(Clone, Debug, Default)]
pub struct UnitOfWork {
    /// The session.
    pub session: Option<SessionWrite>,
    /// Plugin data.
    pub staged: Staged,
    /// The attempt.
    pub attempt: Option<AttemptWrite>,
    /// The order.
    pub order: Option<Order>,
    /// Messages to send.
    pub outbox: Vec<OutboxMessage>,
    /// The answer to record.
    pub idempotency: Option<IdempotencyRecord>,
    /// The event that this unit is the effect of. Received before, nothing of the unit is committed.
    pub event: Option<InboxEvent>,
    /// A break that was found.
    pub found: Option<Break>,
    /// What a person or the host did, for the audit log.
    pub audit: Option<AuditEntry>,
}
