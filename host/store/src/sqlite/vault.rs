//! Delegated cards. What a commit of an attempt does to its card is part of that commit.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::db_error;
use super::read_error::ReadError;
use crate::column::{limit_of_card, millis, timestamp};
use tillhouse_checkout::attempt::AttemptWrite;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::vault::{CardChange, SealedCard, TakenCard};

const INSERT: &str = "INSERT INTO vault (token, merchant, session, principal, max_amount, currency, created, expires, key, details, card, \
     security_code, had_security_code, ends) VALUES (:token, :merchant, :session, :principal, :max_amount, :currency, :created, \
     :expires, :key, :details, :card, :security_code, :had_security_code, :expires)";

const TAKE: &str = "UPDATE vault SET attempt = :attempt, resolve_key = :resolve_key, ends = :ends \
     WHERE merchant = :merchant AND token = :token AND session = :session AND (attempt IS NULL OR attempt = :attempt)";

const WIPE_SECURITY_CODE: &str =
    "UPDATE vault SET security_code = NULL WHERE merchant = :merchant AND token = :token AND attempt = :attempt";

const DELETE: &str = "DELETE FROM vault WHERE merchant = :merchant AND token = :token AND attempt = :attempt";

pub(super) fn insert(db: &Connection, card: &SealedCard) -> rusqlite::Result<()> {
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":token": card.token.as_str(),
        ":merchant": card.merchant.as_str(),
        ":session": card.session.as_str(),
        ":principal": card.principal,
        ":max_amount": card.limit.amount.minor(),
        ":currency": card.limit.currency.upper(),
        ":created": millis(card.created),
        ":expires": millis(card.expires),
        ":key": card.key,
        ":details": card.details,
        ":card": card.card,
        ":security_code": card.security_code,
        ":had_security_code": card.had_security_code,
    })?;
    Ok(())
}

/// What the commit of an attempt does to the card that pays it.
///
/// # Errors
/// [`CommitError::TokenUsed`] if the card that the attempt is to take is gone, or taken by another attempt.
pub(super) fn follow(db: &Connection, write: &AttemptWrite) -> Result<(), CommitError> {
    let attempt = write.attempt();
    let (Some(change), Some(token)) = (CardChange::of(write), attempt.token()) else {
        return Ok(());
    };
    let (merchant, id) = (attempt.merchant.as_str(), attempt.id.as_str());
    let of_attempt = named_params! { ":merchant": merchant, ":token": token.as_str(), ":attempt": id };
    let changed = match change {
        CardChange::Take { ends } => db.prepare_cached(TAKE).and_then(|mut take| {
            take.execute(named_params! {
                ":merchant": merchant,
                ":token": token.as_str(),
                ":session": attempt.session.as_str(),
                ":attempt": id,
                ":resolve_key": attempt.resolve_key,
                ":ends": millis(ends),
            })
        }),
        CardChange::WipeSecurityCode => db
            .prepare_cached(WIPE_SECURITY_CODE)
            .and_then(|mut it| it.execute(of_attempt)),
        CardChange::Delete => db.prepare_cached(DELETE).and_then(|mut it| it.execute(of_attempt)),
    };
    match (change, changed.map_err(db_error::classify)?) {
        (CardChange::Take { .. }, 0) => Err(CommitError::TokenUsed),
        _ => Ok(()),
    }
}

pub(super) fn by_token(
    db: &Connection,
    merchant: &MerchantId,
    token: &TokenId,
) -> Result<Option<SealedCard>, ReadError> {
    let sql = "SELECT session, principal, max_amount, currency, created, expires, key, details, card, security_code, had_security_code, \
               attempt, resolve_key FROM vault WHERE merchant = ?1 AND token = ?2";
    let found = db
        .prepare_cached(sql)?
        .query_row([merchant.as_str(), token.as_str()], |row| {
            Ok(read(row, merchant, token))
        })
        .optional()?;
    found.transpose()
}

fn read(row: &Row<'_>, merchant: &MerchantId, token: &TokenId) -> Result<SealedCard, ReadError> {
    let taken: (Option<String>, Option<String>) = (row.get(11)?, row.get(12)?);
    Ok(SealedCard {
        token: token.clone(),
        merchant: merchant.clone(),
        session: SessionId::new(row.get::<_, String>(0)?),
        principal: row.get(1)?,
        limit: limit_of_card(row.get(2)?, &row.get::<_, String>(3)?)?,
        created: timestamp(row.get(4)?),
        expires: timestamp(row.get(5)?),
        key: row.get(6)?,
        details: row.get(7)?,
        card: row.get(8)?,
        security_code: row.get(9)?,
        had_security_code: row.get(10)?,
        taken: taken.0.zip(taken.1).map(|(attempt, resolve_key)| TakenCard {
            attempt: AttemptId::new(attempt),
            resolve_key,
        }),
    })
}

/// Deletes every card, of all merchants; returns how many.
pub(super) fn delete_all(db: &Connection) -> rusqlite::Result<u64> {
    Ok(db.prepare_cached("DELETE FROM vault")?.execute([])? as u64)
}

/// Deletes the cards that a session could be paid with.
pub(super) fn delete_of(db: &Connection, merchant: &MerchantId, session: &SessionId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM vault WHERE merchant = ?1 AND session = ?2")?
        .execute([merchant.as_str(), session.as_str()])?;
    Ok(())
}
