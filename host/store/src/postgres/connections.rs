//! Connection pool, with retries of queries and transactions that the server or the network interrupted.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, Pool};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use tillhouse_checkout::ports::{CommitError, StoreError};

use super::db_error::{self, TransactionError};
use crate::commit_marks::CommitMarks;

/// Attempts at one query or transaction, including the first.
const MAX_ATTEMPTS: u32 = 6;
/// Longest backoff before the second attempt; it doubles from there.
const INITIAL_BACKOFF: Duration = Duration::from_millis(4);

/// A pool of connections to one database, which must not go back in time.
#[derive(Debug)]
pub(super) struct Connections {
    pool: Pool,
    jitter: RandomState,
    marks: Arc<CommitMarks>,
    /// Whether these are the connections of a quarantine, which alone may use a database that went back in time.
    for_quarantine: bool,
}

impl Connections {
    /// Every new connection of the pool must have been checked with these marks.
    pub(super) fn new(pool: Pool, marks: Arc<CommitMarks>) -> Self {
        Self {
            pool,
            jitter: RandomState::new(),
            marks,
            for_quarantine: false,
        }
    }

    /// The same pool, for the quarantine of a database that went back in time.
    pub(super) fn for_quarantine(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            jitter: RandomState::new(),
            marks: Arc::clone(&self.marks),
            for_quarantine: true,
        }
    }

    /// Waits for a free connection. A database that went back in time is not used.
    pub(super) async fn get(&self) -> Result<Client, StoreError> {
        let client = self.pool.get().await.map_err(db_error::pool_error)?;
        if !self.for_quarantine {
            self.marks.ensure_not_rewound()?;
        }
        Ok(client)
    }

    /// Refuses what a closed store would still do on a connection that was taken before.
    pub(super) fn ensure_open(&self) -> Result<(), StoreError> {
        match self.pool.is_closed() {
            true => Err(StoreError::new("the store is closed")),
            false => Ok(()),
        }
    }

    /// What this host remembers of its commits.
    pub(super) const fn marks(&self) -> &Arc<CommitMarks> {
        &self.marks
    }

    /// Runs a read-only query. It is retried if the connection broke.
    pub(super) async fn read(&self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        self.run(sql, params, db_error::is_lost).await
    }

    /// Runs a statement that is a transaction of its own. It is retried only if the server rolled it back.
    pub(super) async fn write(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        self.run(sql, params, db_error::is_rolled_back).await
    }

    async fn run(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
        may_repeat: fn(&Error) -> bool,
    ) -> Result<Vec<Row>, StoreError> {
        let mut retry_budget = self.retry_budget();
        loop {
            let client = self.get().await?;
            let rows = async { client.query(&client.prepare_cached(sql).await?, params).await }.await;
            match rows {
                Err(error) if may_repeat(&error) => {
                    drop(client);
                    retry_budget.backoff(db_error::store_error(error)).await?;
                }
                rows => return rows.map_err(db_error::store_error),
            }
        }
    }

    /// Counts the attempts at one query or transaction.
    pub(super) const fn retry_budget(&self) -> RetryBudget<'_> {
        RetryBudget {
            connections: self,
            attempts: 1,
        }
    }

    /// Closes the pool. Connections in use are closed when they are returned.
    pub(super) fn close(&self) {
        self.pool.close();
        self.marks.unlock();
    }
}

/// Number of attempts made so far, and the connections whose jitter sets the backoff.
pub(super) struct RetryBudget<'a> {
    connections: &'a Connections,
    attempts: u32,
}

impl RetryBudget<'_> {
    /// Sleeps before the next attempt, or gives up with the last error. The backoff is random, so that hosts that collided do not
    /// collide again.
    pub(super) async fn backoff(&mut self, error: StoreError) -> Result<(), StoreError> {
        if self.attempts >= MAX_ATTEMPTS {
            return Err(error);
        }
        let longest = INITIAL_BACKOFF * 2_u32.pow(self.attempts);
        let share = u32::from(
            self.connections
                .jitter
                .hash_one((std::ptr::from_ref(self).addr(), self.attempts)) as u8,
        ) + 1;
        self.attempts += 1;
        tokio::time::sleep(longest * share / 256).await;
        Ok(())
    }

    /// Like `backoff`, for a transaction: only what was certainly not committed is retried.
    pub(super) async fn backoff_after(&mut self, failure: TransactionError) -> Result<(), CommitError> {
        match failure {
            TransactionError::Retry(error) => Ok(self.backoff(error).await?),
            TransactionError::Final(error) => Err(error),
        }
    }
}
