//! Payment attempts. The unique indexes of the table are the guard against a second charge.

use rusqlite::{Connection, Params, named_params};

use crate::checkout::attempt::{Attempt, AttemptState};
use crate::checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use crate::checkout::ports::{CommitError, StoreError};
use crate::checkout::unit::AttemptWrite;

use super::conflict;
use super::records::{count, integer, parse};

const INSERT: &str = "INSERT INTO attempt (id, merchant, session, token, token_burned, state, amount, currency, reference, \
     order_id, processor_reference, initiated, charge_sent, settled, body) VALUES (:id, :merchant, :session, :token, :burned, :state, \
     :amount, :currency, :reference, :order_id, :processor_reference, :initiated, :charge_sent, :settled, :body)";

// What an attempt pays, with which token and under which reference never changes; so none of it is set here.
const UPDATE: &str = "UPDATE attempt SET state = :state, token_burned = token_burned OR :burned, \
     processor_reference = :processor_reference, charge_sent = :charge_sent, settled = :settled, body = :body \
     WHERE id = :id AND state = :before AND merchant = :merchant AND session = :session AND token = :token \
     AND amount = :amount AND currency = :currency AND reference = :reference AND initiated = :initiated";

/// Insert an attempt, or move one on from the state that it is thought to be in.
pub(super) fn write(db: &Connection, write: &AttemptWrite, body: &str) -> Result<(), CommitError> {
    let changed = match write.replaces {
        None => insert(db, &write.attempt, body),
        Some(before) => update(db, &write.attempt, before, body),
    };
    match changed.map_err(conflict::name)? {
        0 => Err(CommitError::Attempt),
        _ => Ok(()),
    }
}

fn insert(db: &Connection, attempt: &Attempt, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":id": attempt.id.as_str(),
        ":merchant": attempt.merchant.as_str(),
        ":session": attempt.session.as_str(),
        ":token": attempt.token.as_str(),
        ":burned": burns_token(attempt.state),
        ":state": attempt.state.name(),
        ":amount": attempt.amount.amount.minor(),
        ":currency": attempt.amount.currency.upper(),
        ":reference": attempt.reference,
        ":order_id": attempt.order.id,
        ":processor_reference": attempt.processor_reference.as_ref().map(|it| it.as_str()),
        ":initiated": integer(attempt.initiated.millis()),
        ":charge_sent": attempt.charge_sent.map(|it| integer(it.millis())),
        ":settled": attempt.settled.map(|it| integer(it.millis())),
        ":body": body,
    })
}

fn update(db: &Connection, attempt: &Attempt, before: AttemptState, body: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(UPDATE)?.execute(named_params! {
        ":id": attempt.id.as_str(),
        ":merchant": attempt.merchant.as_str(),
        ":session": attempt.session.as_str(),
        ":token": attempt.token.as_str(),
        ":burned": burns_token(attempt.state),
        ":before": before.name(),
        ":state": attempt.state.name(),
        ":amount": attempt.amount.amount.minor(),
        ":currency": attempt.amount.currency.upper(),
        ":reference": attempt.reference,
        ":processor_reference": attempt.processor_reference.as_ref().map(|it| it.as_str()),
        ":initiated": integer(attempt.initiated.millis()),
        ":charge_sent": attempt.charge_sent.map(|it| integer(it.millis())),
        ":settled": attempt.settled.map(|it| integer(it.millis())),
        ":body": body,
    })
}

/// Whether an attempt that is in this state may have used up its token. Resolving burns it (reliability reference §0.1), and
/// `Resolving` is committed before that is tried. `Failed` says nothing by itself; what was burned before stays burned.
const fn burns_token(state: AttemptState) -> bool {
    !matches!(state, AttemptState::Reserved | AttemptState::Failed)
}

/// An attempt by its id.
pub(super) fn one(db: &Connection, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
    let found = list(db, "SELECT body FROM attempt WHERE id = ?1", [id.as_str()])?;
    Ok(found.into_iter().next())
}

/// The attempts of a checkout.
pub(super) fn of_session(db: &Connection, session: &SessionId) -> Result<Vec<Attempt>, StoreError> {
    list(
        db,
        "SELECT body FROM attempt WHERE session = ?1 ORDER BY seq",
        [session.as_str()],
    )
}

/// The attempts that need work. The condition is word for word that of the index `attempt_open`.
pub(super) fn open(db: &Connection, limit: usize) -> Result<Vec<Attempt>, StoreError> {
    list(
        db,
        "SELECT body FROM attempt WHERE state IN ('reserved', 'resolving', 'charging', 'unknown') \
         ORDER BY initiated, seq LIMIT ?1",
        [count(limit)],
    )
}

/// Whether another checkout may have used up the token.
pub(super) fn token_burned(
    db: &Connection,
    merchant: &MerchantId,
    token: &TokenId,
    session: &SessionId,
) -> Result<bool, StoreError> {
    let burned = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempt WHERE merchant = ?1 AND token = ?2 AND token_burned = 1 AND session <> ?3)",
        )?
        .query_row([merchant.as_str(), token.as_str(), session.as_str()], |row| row.get(0))?;
    Ok(burned)
}

fn list(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<Attempt>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(parse(
            "attempt",
            row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
        )?);
    }
    Ok(attempts)
}
