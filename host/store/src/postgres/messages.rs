//! The outbox: messages committed together with the change that they report, delivered at least once.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::column::{millis, timestamp, to_i64, to_limit};
use tillhouse_checkout::ids::{HostId, MerchantId, SessionId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::outbox::{
    DeliveryLane, MessageClass, MessageKind, MessageRecord, MessageState, OutboxMessage, QueuedMessage,
};
use tillhouse_checkout::ports::{MessageFilter, MessageSelection, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::connections::Connections;
use super::pipeline::{Param, Step, params};

/// Maximum characters of an error that are stored.
const REASON_MAX: usize = 500;

/// Outcome of one delivery attempt.
pub(super) enum MessageMove<'a> {
    /// The target accepted the message.
    Delivered(Timestamp),
    /// The same, and the target keeps this record of the payment of the attempt that the message is about.
    Reported(Timestamp, &'a str),
    /// Delivery is retried at this time.
    Postponed(Timestamp, &'a str),
    /// The message is dead-lettered.
    DeadLettered(Timestamp, &'a str),
}

#[cfg(feature = "crash-points")]
impl MessageMove<'_> {
    /// State of the message after the move.
    pub(super) const fn state(&self) -> &'static str {
        match self {
            Self::Delivered(_) | Self::Reported(..) => "delivered",
            Self::Postponed(..) => "queued",
            Self::DeadLettered(..) => "dead",
        }
    }
}

/// Queues a message. If one of the merchant with the same dedupe key exists, in whatever state, it is left unchanged.
pub(super) fn queue(message: &OutboxMessage) -> Step<'_> {
    Step::new(
        "INSERT INTO outbox (merchant, kind, stream, dedupe, payload, due, next_at, session, destination) \
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8) \
         ON CONFLICT (merchant, kind, dedupe) DO NOTHING",
        params![
            message.merchant.as_str(),
            message.kind.as_str(),
            &message.stream,
            &message.dedupe,
            &message.payload,
            millis(message.due),
            message.session.as_ref().map(SessionId::as_str),
            &message.destination,
        ],
    )
}

/// Leases messages that are due. A message that waits behind an earlier one of its stream is not due; rows that another host
/// has locked are skipped.
pub(super) async fn lease_due(
    connections: &Connections,
    by: &LeaseHolder,
    now: Timestamp,
    selection: &MessageSelection,
) -> Result<Vec<QueuedMessage>, StoreError> {
    let sql = "WITH ready AS MATERIALIZED (SELECT id FROM outbox AS this WHERE state = 'queued' AND next_at <= $3 \
               AND (lease_until IS NULL OR lease_until <= clock_timestamp()) AND merchant <> ALL ($4::text[]) \
               AND merchant || chr(31) || kind || chr(31) || coalesce(destination, '') <> ALL ($6::text[]) \
               AND ($7::text IS NULL OR merchant || chr(31) || kind || chr(31) || coalesce(destination, '') = $7) \
               AND ($8::boolean IS NULL OR (kind = $9) = $8) \
               AND (stream IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.state = 'queued' \
               AND earlier.stream IS NOT NULL AND earlier.merchant = this.merchant AND earlier.kind = this.kind \
               AND earlier.stream = this.stream AND earlier.id < this.id)) ORDER BY next_at, id LIMIT $5 FOR UPDATE SKIP LOCKED) \
               UPDATE outbox AS this SET lease_owner = $1, lease_epoch = lease_epoch + 1, \
               lease_until = clock_timestamp() + make_interval(secs => $2) FROM ready WHERE this.id = ready.id \
               RETURNING this.id, merchant, kind, stream, dedupe, payload, due, tries, session, destination, lease_epoch, next_at";
    let merchants: Vec<&str> = selection.except_merchants.iter().map(MerchantId::as_str).collect();
    let lanes: Vec<String> = selection.except_lanes.iter().map(DeliveryLane::key).collect();
    let params: [&(dyn ToSql + Sync); 9] = [
        &by.host.as_str(),
        &by.lease.as_secs_f64(),
        &millis(now),
        &merchants,
        &to_limit(selection.limit),
        &lanes,
        &selection.lane.as_ref().map(DeliveryLane::key),
        &selection.class.map(|class| class == MessageClass::Event),
        &MessageKind::OrderEvent.as_str(),
    ];
    let mut rows = connections.write(sql, &params).await?;
    // An UPDATE returns its rows in any order.
    rows.sort_by_key(|row| (row.get::<_, i64>(11), row.get::<_, i64>(0)));
    let leased = rows.iter().map(|row| QueuedMessage {
        id: row.get(0),
        message: message(row),
        tries: attempts_made(row),
        epoch: row.get::<_, i64>(10).unsigned_abs(),
    });
    Ok(leased.collect())
}

/// Moves a message that this lease holds, and ends the lease. Does nothing if the lease was lost or the message is not queued.
pub(super) async fn move_message(
    connections: &Connections,
    message: &QueuedMessage,
    to: MessageMove<'_>,
) -> Result<(), StoreError> {
    let sql = "WITH moved AS (UPDATE outbox SET state = $3, next_at = coalesce($4, next_at), ended = $5, \
               last_error = coalesce($6, last_error), tries = tries + 1, lease_owner = NULL, lease_until = NULL \
               WHERE id = $1 AND lease_epoch = $2 AND state = 'queued' RETURNING dedupe) \
               UPDATE attempt SET payment_record = $7::text FROM moved WHERE attempt.id = moved.dedupe AND $7::text IS NOT NULL";
    let record = match to {
        MessageMove::Reported(_, record) => Some(record),
        _ => None,
    };
    let (state, next, ended, reason) = match to {
        MessageMove::Delivered(now) | MessageMove::Reported(now, _) => (MessageState::Delivered, None, Some(now), None),
        MessageMove::Postponed(until, reason) => (MessageState::Queued, Some(until), None, Some(truncated(reason))),
        MessageMove::DeadLettered(now, reason) => (MessageState::Dead, None, Some(now), Some(truncated(reason))),
    };
    let params: [&(dyn ToSql + Sync); 7] = [
        &message.id,
        &to_i64(message.epoch),
        &state.name(),
        &next.map(millis),
        &ended.map(millis),
        &reason,
        &record,
    ];
    connections.write(sql, &params).await.map(|_| ())
}

/// Releases every lease of a host.
pub(super) async fn release_leases(connections: &Connections, host: &HostId) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1";
    connections.write(sql, &[&host.as_str()]).await.map(|_| ())
}

/// Messages that match an operator's filter, oldest first.
pub(super) async fn filtered(
    connections: &Connections,
    filter: &MessageFilter,
) -> Result<Vec<MessageRecord>, StoreError> {
    let sql = "SELECT id, merchant, kind, stream, dedupe, payload, due, tries, session, destination, state, next_at, last_error, ended \
               FROM outbox WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR merchant = $2) \
               AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR state = $4) ORDER BY id LIMIT $5";
    let params: [&(dyn ToSql + Sync); 5] = [
        &filter.id,
        &filter.merchant.as_ref().map(MerchantId::as_str),
        &filter.kind.as_ref().map(MessageKind::as_str),
        &filter.state.map(MessageState::name),
        &to_limit(filter.limit),
    ];
    let rows = connections.read(sql, &params).await?;
    let records = rows.iter().map(|row| MessageRecord {
        id: row.get(0),
        message: message(row),
        tries: attempts_made(row),
        state: MessageState::named(row.get(10)).unwrap_or(MessageState::Dead),
        next_try: timestamp(row.get(11)),
        last_error: row.get(12),
        ended: row.get::<_, Option<i64>>(13).map(timestamp),
    });
    Ok(records.collect())
}

/// Queues delivered or dead messages again: the statement and its parameters. It returns one row for each message. The new
/// epoch fences off the previous lease holder.
pub(super) fn replay(filter: &MessageFilter, now: Timestamp) -> (&'static str, Vec<Param<'_>>) {
    let sql = "UPDATE outbox SET state = 'queued', next_at = $5, ended = NULL, lease_epoch = lease_epoch + 1, \
               lease_owner = NULL, lease_until = NULL WHERE id = ANY (ARRAY (SELECT id FROM outbox \
               WHERE state <> 'queued' AND ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR merchant = $2) \
               AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR state = $4) \
               ORDER BY id LIMIT $6 FOR UPDATE)) RETURNING 1";
    let params = params![
        filter.id,
        filter.merchant.as_ref().map(MerchantId::as_str),
        filter.kind.as_ref().map(MessageKind::as_str),
        filter.state.map(MessageState::name),
        millis(now),
        to_limit(filter.limit),
    ];
    (sql, params)
}

/// The columns after the id: `merchant, kind, stream, dedupe, payload, due, tries, session, destination`.
fn message(row: &Row) -> OutboxMessage {
    OutboxMessage {
        merchant: MerchantId::new(row.get::<_, String>(1)),
        kind: MessageKind::from(row.get::<_, String>(2)),
        stream: row.get(3),
        dedupe: row.get(4),
        payload: row.get(5),
        due: timestamp(row.get(6)),
        session: row.get::<_, Option<String>>(8).map(SessionId::new),
        destination: row.get(9),
    }
}

/// Reads column 7, the delivery attempts so far.
fn attempts_made(row: &Row) -> u32 {
    u32::try_from(row.get::<_, i64>(7)).unwrap_or(u32::MAX)
}

/// Without NUL characters: the reason may quote another system, and TEXT cannot hold them.
fn truncated(reason: &str) -> String {
    reason
        .chars()
        .filter(|letter| *letter != '\0')
        .take(REASON_MAX)
        .collect()
}
