//! Pool of read-only connections.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::read_error::ReadError;
use tillhouse_checkout::ports::StoreError;

/// A pool of connections that cannot write (`query_only`).
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    size: u32,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            size: u32::try_from(connections.len()).unwrap_or(u32::MAX),
            idle: Mutex::new(connections),
        }
    }

    /// Runs a query off the runtime's threads. It sees every commit that was reported before.
    pub(super) async fn run<T, F>(self: &Arc<Self>, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let readers = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let connection = readers.idle().pop().ok_or_else(closed)?;
            let answer = query(&connection);
            readers.idle().push(connection);
            // Only now may the next read look for a connection.
            drop(permit);
            Ok(answer?)
        });
        read.await
            .map_err(|error| StoreError::with_source(format!("a read was aborted: {error}"), error))?
    }

    /// Waits for reads in progress, refuses new ones and closes the connections.
    pub(super) async fn close(&self) {
        // Fails if the pool is closed already.
        let all = self.permits.acquire_many(self.size).await.ok();
        self.permits.close();
        self.idle().clear();
        drop(all);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

fn closed() -> StoreError {
    StoreError::new("the store is closed")
}
