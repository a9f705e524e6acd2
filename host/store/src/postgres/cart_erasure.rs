//! Deleting the saved carts that name a buyer, with the recorded answers about them.

use super::connections::Connections;
use super::db_error::TransactionError;
use super::journal;
use super::pipeline::Transaction;
use super::unit_of_work::final_error;
use crate::buyer_search::json_string;
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::{CartErasure, CommitError, ErasedRows, StoreError};

/// The condition of a cart, after the head of a statement.
macro_rules! carts {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " saved_cart.merchant = $1 AND position(lower($2::text) in lower(saved_cart.body)) > 0 \
              AND (saved_cart.session IS NULL OR saved_cart.session <> ALL ($3::text[]))",
            $tail
        )
    };
}

/// The condition of a recorded answer about such a cart.
macro_rules! answers {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " WHERE merchant = $1 AND EXISTS (SELECT 1 FROM saved_cart WHERE",
            carts!("", ""),
            " AND (position(saved_cart.id in endpoint) > 0 \
              OR position(convert_to(saved_cart.id, 'UTF8') in idempotency.body) > 0))",
            $tail
        )
    };
}

const COUNT_CARTS: &str = carts!("SELECT 1 FROM saved_cart WHERE", "");
const COUNT_ANSWERS: &str = answers!("SELECT 1 FROM idempotency", "");
const DELETE_CARTS: &str = carts!("DELETE FROM saved_cart WHERE", " RETURNING 1");
const DELETE_ANSWERS: &str = answers!("DELETE FROM idempotency", " RETURNING 1");

/// What an erasure would delete.
pub(super) async fn count(connections: &Connections, erasure: &CartErasure) -> Result<ErasedRows, StoreError> {
    let (email, except) = texts(erasure);
    let merchant = erasure.merchant.as_str();
    let answers = connections
        .read(COUNT_ANSWERS, &[&merchant, &email, &except])
        .await?
        .len();
    let carts = connections
        .read(COUNT_CARTS, &[&merchant, &email, &except])
        .await?
        .len();
    Ok(rows(answers, carts))
}

/// Deletes them, and records it in the audit log.
pub(super) async fn erase(
    connections: &Connections,
    erasure: &CartErasure,
    audit: &AuditEntry,
) -> Result<ErasedRows, CommitError> {
    let mut retry_budget = connections.retry_budget();
    loop {
        match erase_once(connections, erasure, audit).await {
            Ok(erased) => return Ok(erased),
            Err(failure) => retry_budget.backoff_after(failure).await?,
        }
    }
}

async fn erase_once(
    connections: &Connections,
    erasure: &CartErasure,
    audit: &AuditEntry,
) -> Result<ErasedRows, TransactionError> {
    let (email, except) = texts(erasure);
    let merchant = erasure.merchant.as_str();
    let client = connections.get().await.map_err(final_error)?;
    let transaction = Transaction::begin(client, connections.marks(), &[]).await?;
    // The answers first: their condition reads the carts.
    let answers = transaction
        .query(DELETE_ANSWERS, &[&merchant, &email, &except])
        .await?
        .len();
    let carts = transaction
        .query(DELETE_CARTS, &[&merchant, &email, &except])
        .await?
        .len();
    journal::append_audit(&transaction, audit).await?;
    transaction.commit().await?;
    Ok(rows(answers, carts))
}

fn texts(erasure: &CartErasure) -> (String, Vec<String>) {
    let except = erasure.except.iter().map(ToString::to_string).collect();
    (json_string(&erasure.email), except)
}

fn rows(answers: usize, carts: usize) -> ErasedRows {
    ErasedRows {
        answers: answers as u64,
        carts: carts as u64,
        ..ErasedRows::default()
    }
}
