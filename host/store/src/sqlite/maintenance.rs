//! Maintenance of the store while it is open: backup and health.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::catalogs::CATALOGS;
use super::open::DATABASE;
use super::{SqliteStore, backup, inspect};
use tillhouse_checkout::ports::{Copied, StoreError, StoreHealth, StoreMaintenance};

#[async_trait]
impl StoreMaintenance for SqliteStore {
    async fn backup(&self, to: &Path) -> Result<Copied, StoreError> {
        // A connection of its own: the readers stay free for checkouts.
        let [store, catalogs] = [DATABASE, CATALOGS].map(|name| self.folder.join(name));
        let to = to.to_owned();
        on_blocking_thread(move || backup::copy_store(&store, &catalogs, &to).map_err(StoreError::caused_by)).await
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        let folder = self.folder.clone();
        let gone = || StoreError::new("its database file does not exist");
        on_blocking_thread(move || inspect(&folder)?.ok_or_else(gone)).await
    }

    async fn verify(&self) -> Result<(), StoreError> {
        let (files, marks) = (Arc::clone(&self.files), Arc::clone(&self.marks));
        on_blocking_thread(move || files.verify().and_then(|()| marks.sync())).await
    }
}

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::with_source(format!("the task was aborted: {error}"), error))?
}
