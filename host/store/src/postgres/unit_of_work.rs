//! One unit of work, one transaction, two round trips: all statements are sent at once, then `COMMIT` after all have answered.
//!
//! The isolation level is READ COMMITTED. Whatever a unit relies on is locked or compared by the statement that writes, so that
//! units that need the same counter wait for one row, no longer than a commit takes; under SERIALIZABLE all but one of them
//! would be rolled back.

use tokio_postgres::types::ToSql;

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::{CommitError, MessageFilter, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::connections::Connections;
use super::db_error::TransactionError;
use super::pipeline::{Step, Transaction};
use super::{attempts, journal, locks, messages, orders, plugin_data, records, refunds, saved_carts, vault};

/// Commits all of a unit of work or none of it. Retries a rollback that the unit itself did not cause.
pub(super) async fn commit(connections: &Connections, unit: &UnitOfWork, now: Timestamp) -> Result<(), CommitError> {
    let steps = steps(unit, now)?;
    commit_all(connections, &steps, unit.audit.as_ref()).await
}

/// Commits all of these statements or none of them.
pub(super) async fn commit_steps(connections: &Connections, steps: &[Step<'_>]) -> Result<(), CommitError> {
    commit_all(connections, steps, None).await
}

async fn commit_all(
    connections: &Connections,
    steps: &[Step<'_>],
    audit: Option<&AuditEntry>,
) -> Result<(), CommitError> {
    let mut retry_budget = connections.retry_budget();
    loop {
        match commit_once(connections, steps, audit).await {
            Ok(()) => return Ok(()),
            Err(failure) => retry_budget.backoff_after(failure).await?,
        }
    }
}

async fn commit_once(
    connections: &Connections,
    steps: &[Step<'_>],
    audit: Option<&AuditEntry>,
) -> Result<(), TransactionError> {
    let client = connections.get().await.map_err(final_error)?;
    let transaction = Transaction::begin(client, connections.marks(), steps).await?;
    if let Some(entry) = audit {
        journal::append_audit(&transaction, entry).await?;
    }
    transaction.commit().await
}

/// Every part, in the order in which a conflict matters to the caller: a request that was already answered gets its answer,
/// whatever else has changed; plugin data comes late, because running the phase again only helps if the session is unchanged.
/// A refund comes before the order that changes with it: if another host has settled it, a new revision of the order does not help.
fn steps(unit: &UnitOfWork, now: Timestamp) -> Result<Vec<Step<'_>>, StoreError> {
    let mut steps = Vec::new();
    steps.extend(unit.event.as_ref().map(journal::insert_event));
    steps.extend(
        unit.idempotency
            .as_ref()
            .map(|record| records::insert_idempotency(record, now)),
    );
    if let Some(write) = &unit.session {
        steps.push(records::write_session(write)?);
    }
    if let Some(write) = &unit.saved_cart {
        steps.push(saved_carts::write(write)?);
    }
    // Two attempts of one session are never live at once.
    for write in unit.ended_attempt.as_deref().into_iter().chain(&unit.attempt) {
        steps.extend(attempts::write(write)?);
        steps.extend(vault::follow(write));
    }
    if let Some(write) = &unit.refund {
        steps.extend(refunds::write(write)?);
    }
    steps.extend(unit.card.as_ref().map(vault::insert));
    if let Some(write) = &unit.order {
        steps.push(orders::write(write)?);
    }
    steps.extend(plugin_data::apply(&unit.staged));
    steps.extend(locks::stream_locks(&unit.outbox));
    steps.extend(unit.outbox.iter().map(messages::queue));
    steps.extend(unit.discrepancy.as_ref().map(journal::insert_discrepancy));
    Ok(steps)
}

/// Queues messages again and records it in the audit log; returns how many.
pub(super) async fn replay(
    connections: &Connections,
    filter: &MessageFilter,
    now: Timestamp,
    audit: &AuditEntry,
) -> Result<u64, CommitError> {
    let mut retry_budget = connections.retry_budget();
    loop {
        match replay_once(connections, filter, now, audit).await {
            Ok(replayed) => return Ok(replayed),
            Err(failure) => retry_budget.backoff_after(failure).await?,
        }
    }
}

async fn replay_once(
    connections: &Connections,
    filter: &MessageFilter,
    now: Timestamp,
    audit: &AuditEntry,
) -> Result<u64, TransactionError> {
    let client = connections.get().await.map_err(final_error)?;
    let transaction = Transaction::begin(client, connections.marks(), &[]).await?;
    let (sql, params) = messages::replay(filter, now);
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| &**it as &(dyn ToSql + Sync)).collect();
    let replayed = transaction.query(sql, &params).await?.len() as u64;
    journal::append_audit(&transaction, audit).await?;
    transaction.commit().await?;
    Ok(replayed)
}

/// Without a connection no transaction has begun, and the pool has waited already; so no retry.
pub(super) fn final_error(error: StoreError) -> TransactionError {
    TransactionError::Final(error.into())
}
