//! Payment attempts. The unique indexes of the table prevent a second charge.

use rusqlite::{Connection, Params, named_params, params};

use crate::column::{parse_attempt, readable, to_i64, to_limit};
use tillhouse_checkout::attempt::{Attempt, AttemptStatus, AttemptWrite};
use tillhouse_checkout::ids::{AttemptId, MerchantId, ProcessorReference, SessionId, TokenId};
use tillhouse_checkout::ports::{AttemptFilter, CommitError, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::db_error;
use super::read_error::ReadError;

const INSERT: &str = "INSERT INTO attempt (id, merchant, session, payer, token, token_burned, state, amount, currency, reference, \
     order_id, processor_reference, initiated, charge_sent, settled, next_try, body) VALUES (:id, :merchant, :session, :payer, :token, :burned, :state, \
     :amount, :currency, :reference, :order_id, :processor_reference, :initiated, :charge_sent, :settled, :next_try, :body)";

// What an attempt pays, with what and under which reference never changes; so none of it is set here. A paid one is given the
// processor's reference once.
const UPDATE: &str = "UPDATE attempt SET state = :state, token_burned = (token_burned OR :burned) AND NOT :unused, \
     processor_reference = :processor_reference, charge_sent = :charge_sent, settled = :settled, next_try = :next_try, body = :body \
     WHERE id = :id AND state = :before AND merchant = :merchant AND session = :session AND payer = :payer \
     AND token IS :token AND amount = :amount AND currency = :currency AND reference = :reference AND initiated = :initiated \
     AND (state <> 'approved' OR processor_reference IS NULL)";

/// Inserts an attempt, or moves an existing one on from the state that the caller expects it to be in.
pub(super) fn write(db: &Connection, write: &AttemptWrite, body: &str) -> Result<(), CommitError> {
    let changed = match write.replaces() {
        None => insert(db, write.attempt(), body),
        Some(before) if !write.attempt().may_follow(before) => return Err(CommitError::Attempt),
        Some(before) => update(db, write.attempt(), before, body),
    };
    match changed.map_err(db_error::classify)? {
        0 => Err(CommitError::Attempt),
        _ => Ok(()),
    }
}

fn insert(db: &Connection, attempt: &Attempt, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":id": attempt.id.as_str(),
        ":merchant": attempt.merchant.as_str(),
        ":session": attempt.session.as_str(),
        ":payer": attempt.payer.name(),
        ":token": attempt.token().map(TokenId::as_str),
        ":burned": attempt.consumes_token(),
        ":state": attempt.status().name(),
        ":amount": attempt.amount.amount.minor(),
        ":currency": attempt.amount.currency.upper(),
        ":reference": attempt.reference,
        ":order_id": attempt.order.id,
        ":processor_reference": attempt.processor_reference().map(|it| it.as_str()),
        ":initiated": to_i64(attempt.initiated.millis()),
        ":charge_sent": attempt.charge().map(|charge| to_i64(charge.sent.millis())),
        ":settled": attempt.state.settled().map(|it| to_i64(it.millis())),
        ":next_try": attempt.retry.next.map_or(0, |it| to_i64(it.millis())),
        ":body": body,
    })
}

fn update(db: &Connection, attempt: &Attempt, before: AttemptStatus, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": attempt.id.as_str(),
        ":merchant": attempt.merchant.as_str(),
        ":session": attempt.session.as_str(),
        ":payer": attempt.payer.name(),
        ":token": attempt.token().map(TokenId::as_str),
        ":burned": attempt.consumes_token(),
        ":unused": attempt.token_unused(),
        ":before": before.name(),
        ":state": attempt.status().name(),
        ":amount": attempt.amount.amount.minor(),
        ":currency": attempt.amount.currency.upper(),
        ":reference": attempt.reference,
        ":processor_reference": attempt.processor_reference().map(|it| it.as_str()),
        ":initiated": to_i64(attempt.initiated.millis()),
        ":charge_sent": attempt.charge().map(|charge| to_i64(charge.sent.millis())),
        ":settled": attempt.state.settled().map(|it| to_i64(it.millis())),
        ":next_try": attempt.retry.next.map_or(0, |it| to_i64(it.millis())),
        ":body": body,
    })
}

pub(super) fn by_id(db: &Connection, id: &AttemptId) -> Result<Option<Attempt>, ReadError> {
    let found = list(db, "SELECT body FROM attempt WHERE id = ?1", [id.as_str()])?;
    Ok(found.into_iter().next())
}

pub(super) fn of_session(
    db: &Connection,
    merchant: &MerchantId,
    session: &SessionId,
) -> Result<Vec<Attempt>, ReadError> {
    list(
        db,
        "SELECT body FROM attempt WHERE merchant = ?1 AND session = ?2 ORDER BY seq",
        [merchant.as_str(), session.as_str()],
    )
}

/// The attempt with this reference at the merchant's processor.
pub(super) fn by_reference(
    db: &Connection,
    merchant: &MerchantId,
    reference: &str,
) -> Result<Option<Attempt>, ReadError> {
    let found = list(
        db,
        "SELECT body FROM attempt WHERE merchant = ?1 AND reference = ?2",
        [merchant.as_str(), reference],
    )?;
    Ok(found.into_iter().next())
}

/// The live attempt that makes this order.
pub(super) fn by_order(db: &Connection, merchant: &MerchantId, order: &str) -> Result<Option<Attempt>, ReadError> {
    let found = list(
        db,
        "SELECT body FROM attempt WHERE merchant = ?1 AND order_id = ?2 AND state NOT IN ('declined', 'failed', 'voided')",
        [merchant.as_str(), order],
    )?;
    Ok(found.into_iter().next())
}

/// The attempt whose charge has this reference at the processor: at most one, by the index `attempt_processor_reference`.
pub(super) fn by_charge(
    db: &Connection,
    merchant: &MerchantId,
    charge: &ProcessorReference,
) -> Result<Option<Attempt>, ReadError> {
    let found = list(
        db,
        "SELECT body FROM attempt WHERE merchant = ?1 AND processor_reference = ?2",
        [merchant.as_str(), charge.as_str()],
    )?;
    Ok(found.into_iter().next())
}

/// The first condition must equal that of the index `attempt_open`, so that the index is used.
pub(super) const DUE: &str = "SELECT body FROM attempt \
     WHERE state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding') AND next_try <= ?1 \
     AND (?2 = '[]' OR merchant NOT IN (SELECT value FROM json_each(?2))) ORDER BY next_try, seq LIMIT ?3";

/// The attempts that are due now, except those of the busy merchants (names as JSON).
pub(super) fn due(db: &Connection, now: Timestamp, busy: &str, limit: usize) -> Result<Vec<Attempt>, ReadError> {
    let due = read_each(db, DUE, params![to_i64(now.millis()), busy, to_limit(limit)])?;
    Ok(readable(due))
}

/// Attempts that match an operator's filter, oldest first.
pub(super) fn filtered(db: &Connection, filter: &AttemptFilter) -> Result<Vec<Attempt>, ReadError> {
    // A list as JSON, because SQLite has no arrays to bind.
    let states: Vec<&str> = filter.states.iter().map(|state| state.name()).collect();
    list(
        db,
        "SELECT body FROM attempt WHERE (?1 IS NULL OR merchant = ?1) AND (?2 IS NULL OR session = ?2) \
         AND (?3 = '[]' OR state IN (SELECT value FROM json_each(?3))) \
         AND initiated >= ?4 AND initiated < ?5 ORDER BY seq LIMIT ?6",
        params![
            filter.merchant.as_ref().map(MerchantId::as_str),
            filter.session.as_ref().map(SessionId::as_str),
            serde_json::json!(states).to_string(),
            filter.since.map_or(0, |at| to_i64(at.millis())),
            filter.until.map_or(i64::MAX, |at| to_i64(at.millis())),
            to_limit(filter.limit),
        ],
    )
}

/// Whether another checkout may have consumed the token.
pub(super) fn token_used(
    db: &Connection,
    merchant: &MerchantId,
    token: &TokenId,
    session: &SessionId,
) -> Result<bool, ReadError> {
    let burned = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempt WHERE merchant = ?1 AND token = ?2 AND token_burned = 1 AND session <> ?3)",
        )?
        .query_row([merchant.as_str(), token.as_str(), session.as_str()], |row| row.get(0))?;
    Ok(burned)
}

fn list(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<Attempt>, ReadError> {
    Ok(read_each(db, sql, params)?.into_iter().collect::<Result<_, _>>()?)
}

fn read_each(db: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<Vec<Result<Attempt, StoreError>>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(parse_attempt(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?));
    }
    Ok(attempts)
}
