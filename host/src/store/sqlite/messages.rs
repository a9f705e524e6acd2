//! The outbox: messages that were committed with the change they tell of, delivered at least once.

use rusqlite::{Connection, params};

use crate::checkout::ids::MerchantId;
use crate::checkout::ports::StoreError;
use crate::checkout::time::Timestamp;
use crate::checkout::unit::{OutboxMessage, QueuedMessage};

use super::records::{count, integer, timestamp};

/// Characters of an error that are kept.
const REASON_MAX: usize = 500;

/// What becomes of a queued message.
pub(super) struct Move {
    id: i64,
    state: &'static str,
    /// When it is tried again; as before where it is not.
    next_at: Option<Timestamp>,
    ended: Option<Timestamp>,
    reason: Option<String>,
}

impl Move {
    pub(super) const fn delivered(id: i64, now: Timestamp) -> Self {
        Self {
            id,
            state: "delivered",
            next_at: None,
            ended: Some(now),
            reason: None,
        }
    }

    pub(super) fn postponed(id: i64, until: Timestamp, reason: &str) -> Self {
        Self {
            id,
            state: "queued",
            next_at: Some(until),
            ended: None,
            reason: Some(shortened(reason)),
        }
    }

    pub(super) fn buried(id: i64, now: Timestamp, reason: &str) -> Self {
        Self {
            id,
            state: "dead",
            next_at: None,
            ended: Some(now),
            reason: Some(shortened(reason)),
        }
    }
}

fn shortened(reason: &str) -> String {
    reason.chars().take(REASON_MAX).collect()
}

/// Queue a message. One that was queued before, in whatever state it is now, is left alone.
pub(super) fn queue(db: &Connection, message: &OutboxMessage) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO outbox (merchant, kind, dedupe, payload, due, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
         ON CONFLICT (kind, dedupe) DO NOTHING",
    )?
    .execute(params![
        message.merchant.as_str(),
        message.kind,
        message.dedupe,
        message.payload,
        integer(message.due.millis()),
    ])?;
    Ok(())
}

/// Move a queued message. One that is no longer queued stays as it is: of two workers the first decides.
pub(super) fn apply(db: &Connection, change: &Move) -> rusqlite::Result<u64> {
    let moved = db
        .prepare_cached(
            "UPDATE outbox SET state = ?2, next_at = coalesce(?3, next_at), ended = ?4, last_error = coalesce(?5, last_error), \
             tries = tries + 1 WHERE id = ?1 AND state = 'queued'",
        )?
        .execute(params![
            change.id,
            change.state,
            change.next_at.map(|at| integer(at.millis())),
            change.ended.map(|at| integer(at.millis())),
            change.reason,
        ])?;
    Ok(moved as u64)
}

/// Messages that are due.
pub(super) fn due(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<QueuedMessage>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, merchant, kind, dedupe, payload, due, tries FROM outbox \
         WHERE state = 'queued' AND next_at <= ?1 ORDER BY next_at, id LIMIT ?2",
    )?;
    let messages = statement.query_map([integer(now.millis()), count(limit)], |row| {
        Ok(QueuedMessage {
            id: row.get(0)?,
            message: OutboxMessage {
                merchant: MerchantId::new(row.get::<_, String>(1)?),
                kind: row.get(2)?,
                dedupe: row.get(3)?,
                payload: row.get(4)?,
                due: timestamp(row.get(5)?),
            },
            tries: row.get(6)?,
        })
    })?;
    Ok(messages.collect::<Result<_, _>>()?)
}
