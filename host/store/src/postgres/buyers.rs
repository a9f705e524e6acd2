//! Finding and erasing the data of a buyer.

use tokio_postgres::types::ToSql;

use super::connections::Connections;
use super::db_error::TransactionError;
use super::journal;
use super::orders;
use super::pipeline::{Step, Transaction, params};
use super::unit_of_work::final_error;
use super::vault;
use crate::buyer_search::{self, ERASED, json_strings};
use crate::column::{parse_json, to_i64, to_json, to_limit};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{
    BuyerErasure, CommitError, ErasedRows, SessionKey, SessionPage, SessionSearch, StoreError,
};
use tillhouse_checkout::session::Session;

/// The statements about the rows of a table that an erasure changes beside the session and its attempts.
macro_rules! about {
    (messages: $head:literal) => {
        concat!(
            $head,
            " WHERE merchant = $1 AND session = $2 AND (state = 'delivered' OR (state = 'dead' AND kind = 'acp.order_event'))"
        )
    };
    (answers: $head:literal) => {
        concat!(
            $head,
            " WHERE merchant = $1 AND EXISTS (SELECT 1 FROM (SELECT $2::text AS id \
             UNION ALL SELECT id FROM saved_cart WHERE merchant = $1 AND session = $2::text) AS about \
             WHERE position(about.id in endpoint) > 0 OR position(convert_to(about.id, 'UTF8') in body) > 0)"
        )
    };
    (events: $head:literal) => {
        concat!(
            $head,
            " WHERE merchant = $1 AND EXISTS \
             (SELECT 1 FROM unnest($2::text[]) AS name WHERE position(lower(name) in lower(payload)) > 0)"
        )
    };
    ($rows:ident: $head:literal, returning) => {
        concat!(about!($rows: $head), " RETURNING 1")
    };
}

const COUNT_MESSAGES: &str = about!(messages: "SELECT count(*) FROM outbox");
const COUNT_ANSWERS: &str = about!(answers: "SELECT count(*) FROM idempotency");
const COUNT_EVENTS: &str = about!(events: "SELECT count(*) FROM inbox");
const COUNT_CARTS: &str = "SELECT count(*) FROM saved_cart WHERE merchant = $1 AND session = $2";
const DELETE_MESSAGES: &str = about!(messages: "DELETE FROM outbox", returning);
const DELETE_ANSWERS: &str = about!(answers: "DELETE FROM idempotency", returning);
const DELETE_CARTS: &str = "DELETE FROM saved_cart WHERE merchant = $1 AND session = $2 RETURNING 1";
const OVERWRITE_EVENTS: &str = about!(events: "UPDATE inbox SET payload = $3", returning);

/// The sessions that match among the next rows.
pub(super) async fn find_sessions(
    connections: &Connections,
    search: &SessionSearch,
    after: i64,
    limit: usize,
) -> Result<SessionPage, StoreError> {
    let (sql, value) = match &search.by {
        SessionKey::Session(id) => (
            "SELECT seq, body FROM session WHERE merchant = $1 AND id = $2 AND seq > $3 ORDER BY seq LIMIT $4",
            id.as_str().to_owned(),
        ),
        SessionKey::Order(id) => (
            "SELECT seq, body FROM session WHERE merchant = $1 \
             AND id = (SELECT session FROM orders WHERE merchant = $1 AND id = $2) AND seq > $3 ORDER BY seq LIMIT $4",
            id.as_str().to_owned(),
        ),
        SessionKey::Text(text) => (
            "SELECT seq, CASE WHEN body ILIKE $2 ESCAPE '\\' THEN body END FROM session \
             WHERE merchant = $1 AND seq > $3 ORDER BY seq LIMIT $4",
            buyer_search::pattern(text),
        ),
    };
    let params: [&(dyn ToSql + Sync); 4] = [&search.merchant.as_str(), &value, &after, &to_limit(limit)];
    let rows = connections.read(sql, &params).await?;
    let next = rows.last().map(|row| row.get(0)).filter(|_| rows.len() == limit);
    let bodies = rows.iter().filter_map(|row| row.get::<_, Option<&str>>(1));
    let sessions = bodies.map(|body| parse_json("session", body));
    Ok(SessionPage {
        sessions: sessions.collect::<Result<_, _>>()?,
        next,
    })
}

/// How many messages about a session are queued.
pub(super) async fn undelivered(
    connections: &Connections,
    merchant: &MerchantId,
    session: &SessionId,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM outbox WHERE merchant = $1 AND session = $2 AND state = 'queued'";
    count_of(connections, sql, &[&merchant.as_str(), &session.as_str()]).await
}

async fn count_of(
    connections: &Connections,
    sql: &'static str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<u64, StoreError> {
    let rows = connections.read(sql, params).await?;
    Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
}

/// What an erasure would change.
pub(super) async fn count(connections: &Connections, erasure: &BuyerErasure) -> Result<ErasedRows, StoreError> {
    let session = &erasure.session;
    let (merchant, id) = (session.merchant.as_str(), session.id.as_str());
    Ok(ErasedRows {
        sessions: 1,
        attempts: erasure.attempts.len() as u64,
        messages: count_of(connections, COUNT_MESSAGES, &[&merchant, &id]).await?,
        answers: count_of(connections, COUNT_ANSWERS, &[&merchant, &id]).await?,
        carts: count_of(connections, COUNT_CARTS, &[&merchant, &id]).await?,
        events: count_of(connections, COUNT_EVENTS, &[&merchant, &json_strings(&erasure.names)]).await?,
    })
}

/// Writes the session and its attempts anew, deletes or overwrites what is about them, and records it in the audit log.
pub(super) async fn erase(
    connections: &Connections,
    erasure: &BuyerErasure,
    audit: &AuditEntry,
) -> Result<ErasedRows, CommitError> {
    let mut steps = vec![
        overwrite_session(&erasure.session)?,
        overwrite_refunds(&erasure.session),
    ];
    for attempt in &erasure.attempts {
        steps.push(overwrite_attempt(attempt)?);
    }
    if let Some(write) = &erasure.order {
        steps.push(orders::write(write)?);
    }
    steps.push(vault::delete_of(&erasure.session.merchant, &erasure.session.id));
    let mut retry_budget = connections.retry_budget();
    loop {
        match erase_once(connections, erasure, &steps, audit).await {
            Ok(erased) => return Ok(erased),
            Err(failure) => retry_budget.backoff_after(failure).await?,
        }
    }
}

async fn erase_once(
    connections: &Connections,
    erasure: &BuyerErasure,
    steps: &[Step<'_>],
    audit: &AuditEntry,
) -> Result<ErasedRows, TransactionError> {
    let session = &erasure.session;
    let (merchant, id) = (session.merchant.as_str(), session.id.as_str());
    let client = connections.get().await.map_err(final_error)?;
    let transaction = Transaction::begin(client, connections.marks(), steps).await?;
    let messages = transaction.query(DELETE_MESSAGES, &[&merchant, &id]).await?.len();
    let answers = transaction.query(DELETE_ANSWERS, &[&merchant, &id]).await?.len();
    let carts = transaction.query(DELETE_CARTS, &[&merchant, &id]).await?.len();
    let events = transaction
        .query(OVERWRITE_EVENTS, &[&merchant, &json_strings(&erasure.names), &ERASED])
        .await?
        .len();
    journal::append_audit(&transaction, audit).await?;
    transaction.commit().await?;
    Ok(ErasedRows {
        sessions: 1,
        attempts: erasure.attempts.len() as u64,
        messages: messages as u64,
        answers: answers as u64,
        carts: carts as u64,
        events: events as u64,
    })
}

fn overwrite_session(session: &Session) -> Result<Step<'_>, StoreError> {
    let sql = "UPDATE session SET revision = $3::bigint, state = $4, body = $5 \
               WHERE merchant = $1 AND id = $2 AND revision = $3::bigint - 1 AND state NOT IN ('committing', 'held') RETURNING 1";
    let params = params![
        session.merchant.as_str(),
        session.id.as_str(),
        to_i64(session.revision),
        session.state.name(),
        to_json(session)?,
    ];
    Ok(Step::new(sql, params).or_conflict(CommitError::Session))
}

/// The reason of a refund is text for the buyer, and may name the buyer.
fn overwrite_refunds(session: &Session) -> Step<'_> {
    let sql = "UPDATE refund SET body = jsonb_set(body::jsonb, '{reason}', 'null')::text WHERE merchant = $1 AND session = $2";
    Step::new(sql, params![session.merchant.as_str(), session.id.as_str()])
}

fn overwrite_attempt(attempt: &Attempt) -> Result<Step<'_>, StoreError> {
    let sql = "UPDATE attempt SET body = $3 WHERE id = $1 AND state = $2 RETURNING 1";
    let params = params![attempt.id.as_str(), attempt.status().name(), to_json(attempt)?];
    Ok(Step::new(sql, params).or_conflict(CommitError::Attempt))
}
