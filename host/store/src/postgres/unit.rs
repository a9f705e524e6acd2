//! One unit of work, one transaction, two round trips: every statement leaves at once, and `COMMIT` once all have answered.
//!
//! The isolation is READ COMMITTED. Whatever a unit relies on it locks or compares in the statement that writes, so that
//! units that want the same counter wait for one row and for no longer than a commit takes; under SERIALIZABLE all but one of
//! them would be rolled back.

use tokio_postgres::types::ToSql;

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::{CommitError, MessageFilter, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::UnitOfWork;

use super::conflict::Failure;
use super::connections::Connections;
use super::pipeline::{Step, Transaction};
use super::{attempts, journal, locks, messages, plugin_data, records};

/// Commit a unit of work, or nothing of it. What was not committed for a reason that has nothing to do with it is tried again.
pub(super) async fn commit(connections: &Connections, unit: &UnitOfWork, now: Timestamp) -> Result<(), CommitError> {
    let steps = steps(unit, now)?;
    let mut tries = connections.tries();
    loop {
        match once(connections, &steps, unit.audit.as_ref()).await {
            Ok(()) => return Ok(()),
            Err(failure) => tries.after(failure).await?,
        }
    }
}

async fn once(connections: &Connections, steps: &[Step<'_>], audit: Option<&AuditEntry>) -> Result<(), Failure> {
    let client = connections.get().await.map_err(closed)?;
    let transaction = Transaction::begin(client, steps).await?;
    if let Some(entry) = audit {
        journal::audit(&transaction, entry).await?;
    }
    transaction.commit().await
}

/// Every part, in the order of the answer's use to the caller: a request that was answered before hears so, whatever else has
/// changed; plugin data comes late, because running the phase again only helps where the session is still the same.
fn steps(unit: &UnitOfWork, now: Timestamp) -> Result<Vec<Step<'_>>, StoreError> {
    let mut steps = Vec::new();
    steps.extend(unit.event.as_ref().map(journal::receive));
    steps.extend(
        unit.idempotency
            .as_ref()
            .map(|record| records::insert_idempotency(record, now)),
    );
    if let Some(write) = &unit.session {
        steps.push(records::write_session(write)?);
    }
    if let Some(write) = &unit.attempt {
        steps.extend(attempts::write(write)?);
    }
    if let Some(order) = &unit.order {
        steps.push(records::insert_order(order)?);
    }
    steps.extend(plugin_data::apply(&unit.staged));
    steps.extend(locks::of_streams(&unit.outbox));
    steps.extend(unit.outbox.iter().map(messages::queue));
    steps.extend(unit.found.as_ref().map(journal::note));
    Ok(steps)
}

/// Queue messages once more, and say so in the audit log; how many.
pub(super) async fn replay(
    connections: &Connections,
    filter: &MessageFilter,
    now: Timestamp,
    audit: &AuditEntry,
) -> Result<u64, CommitError> {
    let mut tries = connections.tries();
    loop {
        match replay_once(connections, filter, now, audit).await {
            Ok(replayed) => return Ok(replayed),
            Err(failure) => tries.after(failure).await?,
        }
    }
}

async fn replay_once(
    connections: &Connections,
    filter: &MessageFilter,
    now: Timestamp,
    audit: &AuditEntry,
) -> Result<u64, Failure> {
    let client = connections.get().await.map_err(closed)?;
    let transaction = Transaction::begin(client, &[]).await?;
    let (sql, params) = messages::replay(filter, now);
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| &**it as &(dyn ToSql + Sync)).collect();
    let replayed = transaction.query(sql, &params).await?.len() as u64;
    journal::audit(&transaction, audit).await?;
    transaction.commit().await?;
    Ok(replayed)
}

/// Without a connection nothing was begun; that the pool has waited for one is enough.
fn closed(error: StoreError) -> Failure {
    Failure::Final(error.into())
}
