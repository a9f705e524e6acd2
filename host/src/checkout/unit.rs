//! One unit of work: everything that one phase of an operation changes, committed together or not at all.

use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, AttemptState};
use super::ids::{MerchantId, PluginId};
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
    /// Kind: `stripe.report_payment`, `orders.notify`.
    pub kind: String,
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
    /// How often it was tried.
    pub tries: u32,
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
}
