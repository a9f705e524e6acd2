//! Finding and erasing the data of a buyer.

use rusqlite::{Connection, Params, params};
use serde_json::json;

use super::db_error;
use super::orders;
use super::read_error::ReadError;
use super::vault;
use crate::buyer_search::{self, ERASED, json_string};
use crate::column::{parse_json, to_i64, to_json, to_limit};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{
    BuyerErasure, CartErasure, CommitError, ErasedRows, SessionKey, SessionPage, SessionSearch, StoreError,
};

/// The sessions that match among the next rows.
pub(super) fn find_sessions(
    db: &Connection,
    search: &SessionSearch,
    after: i64,
    limit: usize,
) -> Result<SessionPage, ReadError> {
    let (condition, value) = match &search.by {
        SessionKey::Session(id) => ("id = ?2", id.as_str().to_owned()),
        SessionKey::Order(id) => (
            "id = (SELECT session FROM orders WHERE merchant = ?1 AND id = ?2)",
            id.as_str().to_owned(),
        ),
        SessionKey::Text(text) => ("?2 IS NOT NULL", buyer_search::pattern(text)),
    };
    let wanted = match &search.by {
        SessionKey::Text(_) => "body LIKE ?2 ESCAPE '\\'",
        SessionKey::Session(_) | SessionKey::Order(_) => "1",
    };
    let sql = format!(
        "SELECT seq, CASE WHEN {wanted} THEN body END FROM session \
         WHERE merchant = ?1 AND {condition} AND seq > ?3 ORDER BY seq LIMIT ?4"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows: Vec<(i64, Option<String>)> = statement
        .query_map(
            params![search.merchant.as_str(), value, after, to_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect::<Result<_, _>>()?;
    let next = rows.last().map(|(seq, _)| *seq).filter(|_| rows.len() == limit);
    let bodies = rows.iter().filter_map(|(_, body)| body.as_deref());
    let sessions = bodies.map(|body| parse_json("session", body));
    Ok(SessionPage {
        sessions: sessions.collect::<Result<_, _>>()?,
        next,
    })
}

/// How many messages about a session are queued.
pub(super) fn undelivered(db: &Connection, merchant: &MerchantId, session: &SessionId) -> Result<u64, ReadError> {
    let queued: i64 = db
        .prepare_cached("SELECT count(*) FROM outbox WHERE merchant = ?1 AND session = ?2 AND state = 'queued'")?
        .query_row([merchant.as_str(), session.as_str()], |row| row.get(0))?;
    Ok(queued.unsigned_abs())
}

/// The rows that an erasure changes beside the session and its attempts.
#[derive(Debug, Default)]
pub(super) struct RowsAbout {
    messages: Vec<i64>,
    answers: Vec<i64>,
    carts: Vec<i64>,
    events: Vec<i64>,
}

impl RowsAbout {
    /// Their numbers, with those of the session and its attempts.
    pub(super) fn count(&self, erasure: &BuyerErasure) -> ErasedRows {
        ErasedRows {
            sessions: 1,
            attempts: erasure.attempts.len() as u64,
            ..self.count_rows()
        }
    }

    pub(super) fn count_rows(&self) -> ErasedRows {
        ErasedRows {
            messages: self.messages.len() as u64,
            answers: self.answers.len() as u64,
            carts: self.carts.len() as u64,
            events: self.events.len() as u64,
            ..ErasedRows::default()
        }
    }
}

/// Finds them on a reader, because recorded answers and received events have no index by what they are about.
pub(super) fn rows_about(
    db: &Connection,
    merchant: &MerchantId,
    session: &SessionId,
    names: &[String],
) -> Result<RowsAbout, ReadError> {
    let about = [merchant.as_str(), session.as_str()];
    Ok(RowsAbout {
        messages: numbers(
            db,
            "SELECT id FROM outbox WHERE merchant = ?1 AND session = ?2 \
             AND (state = 'delivered' OR (state = 'dead' AND kind = 'acp.order_event'))",
            about,
        )?,
        answers: numbers(
            db,
            "SELECT rowid FROM idempotency WHERE merchant = ?1 AND EXISTS (SELECT 1 FROM (SELECT ?2 AS about \
             UNION ALL SELECT id FROM saved_cart WHERE merchant = ?1 AND session = ?2) \
             WHERE instr(endpoint, about) > 0 OR instr(body, CAST(about AS BLOB)) > 0)",
            about,
        )?,
        carts: numbers(
            db,
            "SELECT seq FROM saved_cart WHERE merchant = ?1 AND session = ?2",
            about,
        )?,
        events: numbers(
            db,
            "SELECT seq FROM inbox WHERE merchant = ?1 AND EXISTS \
             (SELECT 1 FROM json_each(?2) WHERE instr(lower(payload), lower(value)) > 0)",
            [merchant.as_str(), &json!(names).to_string()],
        )?,
    })
}

/// The saved carts that name a buyer, and the recorded answers about them.
pub(super) fn carts_naming(db: &Connection, erasure: &CartErasure) -> Result<RowsAbout, ReadError> {
    const NAMING: &str = "saved_cart.merchant = ?1 AND instr(lower(saved_cart.body), lower(?2)) > 0 \
                          AND (session IS NULL OR session NOT IN (SELECT value FROM json_each(?3)))";
    let (merchant, email) = (erasure.merchant.as_str(), json_string(&erasure.email));
    let except = json!(erasure.except).to_string();
    Ok(RowsAbout {
        answers: numbers(
            db,
            &format!(
                "SELECT rowid FROM idempotency WHERE merchant = ?1 AND EXISTS (SELECT 1 FROM saved_cart WHERE {NAMING} \
                 AND (instr(endpoint, saved_cart.id) > 0 OR instr(idempotency.body, CAST(saved_cart.id AS BLOB)) > 0))"
            ),
            params![merchant, email, except],
        )?,
        carts: numbers(
            db,
            &format!("SELECT seq FROM saved_cart WHERE {NAMING}"),
            params![merchant, email, except],
        )?,
        ..RowsAbout::default()
    })
}

fn numbers(db: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<Vec<i64>> {
    let mut statement = db.prepare_cached(sql)?;
    statement.query_map(params, |row| row.get(0))?.collect()
}

/// An erasure whose bodies are serialized already: the caller's thread does that, because there is only one writer.
pub(super) struct PreparedErasure {
    erasure: BuyerErasure,
    session: String,
    attempts: Vec<String>,
    order: Option<String>,
    about: RowsAbout,
}

impl PreparedErasure {
    pub(super) fn new(erasure: BuyerErasure, about: RowsAbout) -> Result<Self, StoreError> {
        Ok(Self {
            session: to_json(&erasure.session)?,
            attempts: erasure.attempts.iter().map(to_json).collect::<Result<_, _>>()?,
            order: erasure.order.as_ref().map(|write| to_json(&write.order)).transpose()?,
            erasure,
            about,
        })
    }
}

/// Writes the session and its attempts anew, and deletes or overwrites what is about them.
pub(super) fn erase(db: &Connection, prepared: &PreparedErasure) -> Result<(), CommitError> {
    let session = &prepared.erasure.session;
    let changed = db
        .prepare_cached(
            "UPDATE session SET revision = ?3, state = ?4, body = ?5 \
             WHERE merchant = ?1 AND id = ?2 AND revision = ?3 - 1 AND state NOT IN ('committing', 'held')",
        )
        .and_then(|mut update| {
            update.execute(params![
                session.merchant.as_str(),
                session.id.as_str(),
                to_i64(session.revision),
                session.state.name(),
                prepared.session,
            ])
        });
    if changed.map_err(db_error::classify)? == 0 {
        return Err(CommitError::Session);
    }
    for (attempt, body) in prepared.erasure.attempts.iter().zip(&prepared.attempts) {
        let changed = db
            .prepare_cached("UPDATE attempt SET body = ?3 WHERE id = ?1 AND state = ?2")
            .and_then(|mut update| update.execute([attempt.id.as_str(), attempt.status().name(), body]));
        if changed.map_err(db_error::classify)? == 0 {
            return Err(CommitError::Attempt);
        }
    }
    if let (Some(write), Some(body)) = (&prepared.erasure.order, &prepared.order) {
        orders::write(db, write, body)?;
    }
    db.prepare_cached("UPDATE refund SET body = json_set(body, '$.reason', NULL) WHERE merchant = ?1 AND session = ?2")
        .and_then(|mut update| update.execute([session.merchant.as_str(), session.id.as_str()]))
        .map_err(db_error::classify)?;
    vault::delete_of(db, &session.merchant, &session.id).map_err(db_error::classify)?;
    forget(db, &prepared.about).map_err(db_error::classify)
}

/// Deletes or overwrites these rows.
pub(super) fn forget(db: &Connection, about: &RowsAbout) -> rusqlite::Result<()> {
    for (sql, rows) in [
        (
            "DELETE FROM outbox WHERE state <> 'queued' AND id IN (SELECT value FROM json_each(?1))",
            &about.messages,
        ),
        (
            "DELETE FROM idempotency WHERE rowid IN (SELECT value FROM json_each(?1))",
            &about.answers,
        ),
        (
            "DELETE FROM saved_cart WHERE seq IN (SELECT value FROM json_each(?1))",
            &about.carts,
        ),
    ] {
        db.prepare_cached(sql)?.execute([json!(rows).to_string()])?;
    }
    db.prepare_cached("UPDATE inbox SET payload = ?2 WHERE seq IN (SELECT value FROM json_each(?1))")?
        .execute([json!(about.events).to_string(), ERASED.to_owned()])?;
    Ok(())
}
