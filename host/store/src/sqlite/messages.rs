//! The outbox: messages committed together with the change that they report, delivered at least once.

use std::collections::HashSet;

use rusqlite::{Connection, Row, params};

use super::read_error::ReadError;
use super::records;
use crate::column::{timestamp, to_i64, to_limit};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::outbox::{
    DeliveryLane, MessageClass, MessageKind, MessageRecord, MessageState, OutboxMessage, QueuedMessage,
};
use tillhouse_checkout::ports::{MessageFilter, MessageSelection};
use tillhouse_checkout::time::Timestamp;

/// Maximum characters of an error that are stored.
const REASON_MAX: usize = 500;

/// Change of a queued message after a delivery attempt.
pub(super) struct MessageMove {
    id: i64,
    state: &'static str,
    /// Time of the next attempt; `None` leaves it unchanged.
    next_at: Option<Timestamp>,
    ended: Option<Timestamp>,
    reason: Option<String>,
    /// The record that was made of the payment of the attempt that the message is about.
    record: Option<String>,
}

impl MessageMove {
    /// State of the message after the move.
    #[cfg(feature = "crash-points")]
    pub(super) const fn state(&self) -> &'static str {
        self.state
    }

    pub(super) const fn delivered(id: i64, now: Timestamp) -> Self {
        Self {
            id,
            state: "delivered",
            next_at: None,
            ended: Some(now),
            reason: None,
            record: None,
        }
    }

    pub(super) fn reported(id: i64, now: Timestamp, record: &str) -> Self {
        Self {
            record: Some(record.to_owned()),
            ..Self::delivered(id, now)
        }
    }

    pub(super) fn postponed(id: i64, until: Timestamp, reason: &str) -> Self {
        Self {
            id,
            state: "queued",
            next_at: Some(until),
            ended: None,
            reason: Some(truncated(reason)),
            record: None,
        }
    }

    pub(super) fn dead_lettered(id: i64, now: Timestamp, reason: &str) -> Self {
        Self {
            id,
            state: "dead",
            next_at: None,
            ended: Some(now),
            reason: Some(truncated(reason)),
            record: None,
        }
    }
}

fn truncated(reason: &str) -> String {
    reason.chars().take(REASON_MAX).collect()
}

/// Queues a message. If one of the merchant with the same dedupe key exists, in whatever state, it is left unchanged.
pub(super) fn queue(db: &Connection, message: &OutboxMessage) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO outbox (merchant, kind, dedupe, payload, due, next_at, stream, session, destination) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8) \
         ON CONFLICT (merchant, kind, dedupe) DO NOTHING",
    )?
    .execute(params![
        message.merchant.as_str(),
        message.kind.as_str(),
        message.dedupe,
        message.payload,
        to_i64(message.due.millis()),
        message.stream,
        message.session.as_ref().map(SessionId::as_str),
        message.destination,
    ])?;
    Ok(())
}

/// Moves a queued message. One that is no longer queued is left unchanged: of two workers the first decides.
pub(super) fn move_message(db: &Connection, change: &MessageMove) -> rusqlite::Result<u64> {
    let moved = db
        .prepare_cached(
            "UPDATE outbox SET state = ?2, next_at = coalesce(?3, next_at), ended = ?4, last_error = coalesce(?5, last_error), \
             tries = tries + 1 WHERE id = ?1 AND state = 'queued'",
        )?
        .execute(params![
            change.id,
            change.state,
            change.next_at.map(|at| to_i64(at.millis())),
            change.ended.map(|at| to_i64(at.millis())),
            change.reason,
        ])?;
    if let Some(record) = change.record.as_ref().filter(|_| moved > 0) {
        db.prepare_cached(
            "UPDATE attempt SET payment_record = ?2 WHERE id = (SELECT dedupe FROM outbox WHERE id = ?1)",
        )?
        .execute(params![change.id, record])?;
    }
    Ok(moved as u64)
}

pub(super) const DUE: &str = "SELECT id, merchant, kind, dedupe, payload, due, stream, session, tries, destination FROM outbox AS this \
     WHERE state = 'queued' AND next_at <= ?1 AND (stream IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier \
     WHERE earlier.state = 'queued' AND earlier.stream IS NOT NULL AND earlier.merchant = this.merchant AND earlier.kind = this.kind \
     AND earlier.stream = this.stream AND earlier.id < this.id)) \
     AND (?2 = '[]' OR merchant NOT IN (SELECT value FROM json_each(?2))) \
     AND (?4 = '[]' OR merchant || char(31) || kind || char(31) || coalesce(destination, '') \
     NOT IN (SELECT value FROM json_each(?4))) \
     AND (?5 IS NULL OR merchant || char(31) || kind || char(31) || coalesce(destination, '') = ?5) \
     AND (?6 IS NULL OR (kind = ?7) = ?6) ORDER BY next_at, id LIMIT ?3";

/// Selected messages that are due, except those behind an earlier message of their stream.
pub(super) fn due(
    db: &Connection,
    now: Timestamp,
    selection: &MessageSelection,
) -> Result<Vec<QueuedMessage>, ReadError> {
    let lanes: Vec<String> = selection.except_lanes.iter().map(DeliveryLane::key).collect();
    let mut statement = db.prepare_cached(DUE)?;
    let params = params![
        to_i64(now.millis()),
        records::merchants_json(&selection.except_merchants),
        to_limit(selection.limit),
        serde_json::json!(lanes).to_string(),
        selection.lane.as_ref().map(DeliveryLane::key),
        selection.class.map(|class| class == MessageClass::Event),
        MessageKind::OrderEvent.as_str(),
    ];
    let messages = statement.query_map(params, |row| {
        Ok(QueuedMessage {
            id: row.get(0)?,
            message: message(row, 9)?,
            tries: row.get(8)?,
            epoch: 0,
        })
    })?;
    Ok(messages.collect::<Result<_, _>>()?)
}

/// Those of these messages that are still queued and due.
pub(super) fn still_due(db: &Connection, now: Timestamp, ids: &[i64]) -> Result<HashSet<i64>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM outbox WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'queued' AND next_at <= ?2",
    )?;
    let ids = serde_json::json!(ids).to_string();
    let due = statement.query_map(params![ids, to_i64(now.millis())], |row| row.get(0))?;
    Ok(due.collect::<Result<_, _>>()?)
}

/// The columns after the id: `merchant, kind, dedupe, payload, due, stream, session`; and `destination` at an index.
fn message(row: &Row<'_>, destination: usize) -> rusqlite::Result<OutboxMessage> {
    Ok(OutboxMessage {
        merchant: MerchantId::new(row.get::<_, String>(1)?),
        kind: MessageKind::from(row.get::<_, String>(2)?),
        dedupe: row.get(3)?,
        payload: row.get(4)?,
        due: timestamp(row.get(5)?),
        stream: row.get(6)?,
        session: row.get::<_, Option<String>>(7)?.map(SessionId::new),
        destination: row.get(destination)?,
    })
}

const FILTER: &str = "(?1 IS NULL OR id = ?1) AND (?2 IS NULL OR merchant = ?2) AND (?3 IS NULL OR kind = ?3) \
     AND (?4 IS NULL OR state = ?4)";

/// Messages that match an operator's filter, oldest first.
pub(super) fn filtered(db: &Connection, filter: &MessageFilter) -> Result<Vec<MessageRecord>, ReadError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT id, merchant, kind, dedupe, payload, due, stream, session, tries, state, next_at, last_error, ended, \
         destination FROM outbox WHERE {FILTER} ORDER BY id LIMIT ?5"
    ))?;
    let (merchant, kind, state) = conditions(filter);
    let records = statement.query_map(
        params![filter.id, merchant, kind, state, to_limit(filter.limit)],
        |row| {
            let state = row.get_ref(9)?.as_str()?;
            Ok(MessageRecord {
                id: row.get(0)?,
                message: message(row, 13)?,
                tries: row.get(8)?,
                state: MessageState::named(state).unwrap_or(MessageState::Dead),
                next_try: timestamp(row.get(10)?),
                last_error: row.get(11)?,
                ended: row.get::<_, Option<i64>>(12)?.map(timestamp),
            })
        },
    )?;
    Ok(records.collect::<Result<_, _>>()?)
}

/// Queues delivered or dead messages again.
pub(super) fn replay(db: &Connection, filter: &MessageFilter, now: Timestamp) -> rusqlite::Result<u64> {
    let (merchant, kind, state) = conditions(filter);
    let replayed = db
        .prepare_cached(&format!(
            "UPDATE outbox SET state = 'queued', next_at = ?5, ended = NULL WHERE state <> 'queued' \
             AND id IN (SELECT id FROM outbox WHERE {FILTER} AND state <> 'queued' ORDER BY id LIMIT ?6)"
        ))?
        .execute(params![
            filter.id,
            merchant,
            kind,
            state,
            to_i64(now.millis()),
            to_limit(filter.limit)
        ])?;
    Ok(replayed as u64)
}

fn conditions(filter: &MessageFilter) -> (Option<&str>, Option<&str>, Option<&'static str>) {
    (
        filter.merchant.as_ref().map(MerchantId::as_str),
        filter.kind.as_ref().map(MessageKind::as_str),
        filter.state.map(MessageState::name),
    )
}
