//! Delegated cards. What a commit of an attempt does to its card is part of that commit.

use tokio_postgres::Row;

use super::connections::Connections;
use super::pipeline::{Step, params};
use crate::column::{limit_of_card, millis, timestamp};
use tillhouse_checkout::attempt::AttemptWrite;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::vault::{CardChange, SealedCard, TakenCard};

const INSERT: &str = "INSERT INTO vault (token, merchant, session, principal, max_amount, currency, created, expires, key, details, card, \
     security_code, had_security_code, ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $8)";

const TAKE: &str = "UPDATE vault SET attempt = $3, resolve_key = $5, ends = $6 \
     WHERE merchant = $1 AND token = $2 AND session = $4 AND (attempt IS NULL OR attempt = $3) RETURNING 1";

const WIPE_SECURITY_CODE: &str =
    "UPDATE vault SET security_code = NULL WHERE merchant = $1 AND token = $2 AND attempt = $3";

const DELETE: &str = "DELETE FROM vault WHERE merchant = $1 AND token = $2 AND attempt = $3";

pub(super) fn insert(card: &SealedCard) -> Step<'_> {
    let params = params![
        card.token.as_str(),
        card.merchant.as_str(),
        card.session.as_str(),
        card.principal.as_deref(),
        card.limit.amount.minor(),
        card.limit.currency.upper(),
        millis(card.created),
        millis(card.expires),
        &card.key,
        &card.details,
        &card.card,
        &card.security_code,
        card.had_security_code,
    ];
    Step::new(INSERT, params)
}

/// What the commit of an attempt does to the card that pays it. A card that is gone, or taken by another attempt, cannot be taken.
pub(super) fn follow(write: &AttemptWrite) -> Option<Step<'_>> {
    let attempt = write.attempt();
    let (change, token) = (CardChange::of(write)?, attempt.token()?);
    let (merchant, token, id) = (attempt.merchant.as_str(), token.as_str(), attempt.id.as_str());
    Some(match change {
        CardChange::Take { ends } => {
            let (session, key) = (attempt.session.as_str(), &attempt.resolve_key);
            let step = Step::new(TAKE, params![merchant, token, id, session, key, millis(ends)]);
            step.or_conflict(CommitError::TokenUsed)
        }
        CardChange::WipeSecurityCode => Step::new(WIPE_SECURITY_CODE, params![merchant, token, id]),
        CardChange::Delete => Step::new(DELETE, params![merchant, token, id]),
    })
}

pub(super) async fn by_token(
    connections: &Connections,
    merchant: &MerchantId,
    token: &TokenId,
) -> Result<Option<SealedCard>, StoreError> {
    let sql = "SELECT session, principal, max_amount, currency, created, expires, key, details, card, security_code, had_security_code, \
               attempt, resolve_key FROM vault WHERE merchant = $1 AND token = $2";
    let rows = connections.read(sql, &[&merchant.as_str(), &token.as_str()]).await?;
    rows.first().map(|row| read(row, merchant, token)).transpose()
}

fn read(row: &Row, merchant: &MerchantId, token: &TokenId) -> Result<SealedCard, StoreError> {
    let taken: (Option<String>, Option<String>) = (row.get(11), row.get(12));
    Ok(SealedCard {
        token: token.clone(),
        merchant: merchant.clone(),
        session: SessionId::new(row.get::<_, String>(0)),
        principal: row.get(1),
        limit: limit_of_card(row.get(2), row.get(3))?,
        created: timestamp(row.get(4)),
        expires: timestamp(row.get(5)),
        key: row.get(6),
        details: row.get(7),
        card: row.get(8),
        security_code: row.get(9),
        had_security_code: row.get(10),
        taken: taken.0.zip(taken.1).map(|(attempt, resolve_key)| TakenCard {
            attempt: AttemptId::new(attempt),
            resolve_key,
        }),
    })
}

/// Deletes every card, of all merchants; returns how many.
pub(super) async fn delete_all(connections: &Connections) -> Result<u64, StoreError> {
    let deleted = connections.write("DELETE FROM vault RETURNING 1", &[]).await?;
    Ok(deleted.len() as u64)
}

/// Deletes the cards that a session could be paid with.
pub(super) fn delete_of<'a>(merchant: &'a MerchantId, session: &'a SessionId) -> Step<'a> {
    let sql = "DELETE FROM vault WHERE merchant = $1 AND session = $2";
    Step::new(sql, params![merchant.as_str(), session.as_str()])
}
