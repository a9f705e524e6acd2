//! An import under way: a transaction on a connection of its own, which is closed with it.

use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::{ClientWrapper, Object};
use tokio::sync::OwnedMutexGuard;

use super::rows::ImportRows;
use super::versions;
use crate::catalog_imports::{CatalogImports, ImportUnderWay};
use crate::column::{millis, timestamp, to_json};
use crate::postgres::connections::Connections;
use crate::postgres::{db_error, locks};
use tillhouse_checkout::catalog::{
    CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar, StoredCatalog,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, CatalogImport, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

/// An import waits for its file, and so its transaction may be idle longer than that of a purchase. It holds locks on the rows of its
/// catalog only, which nothing else writes.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = '10min'; \
     SET LOCAL idle_in_transaction_session_timeout = '10min'";

/// The handle. Dropped before the end, it closes the connection, and the server rolls back.
#[derive(Debug)]
pub(super) struct PostgresImport {
    connections: Arc<Connections>,
    under_way: ImportUnderWay,
    mode: ImportMode,
    rows: Option<ImportRows>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl PostgresImport {
    pub(super) async fn begin(
        connections: Arc<Connections>,
        imports: &CatalogImports,
        under_way: ImportUnderWay,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Self, BeginImportError> {
        // Dropped on an error, it makes room for another import.
        let mut import = Self {
            connections,
            under_way,
            mode,
            rows: None,
            turn: Some(imports.turn().await?),
        };
        let merchant = import.under_way.merchant();
        let client = Object::take(import.connections.get().await?);
        client.batch_execute(BEGIN).await.map_err(db_error::store_error)?;
        if !lock(&client, merchant).await.map_err(db_error::store_error)? {
            return Err(busy(&import.connections, merchant, now).await?);
        }
        let sql = "INSERT INTO catalog_import (merchant, host, since) VALUES ($1, $2, $3) \
                   ON CONFLICT (merchant) DO UPDATE SET host = excluded.host, since = excluded.since";
        // In a transaction of its own: other hosts read it while this one is open.
        import
            .connections
            .write(sql, &[&merchant.as_str(), &by.host.as_str(), &millis(now)])
            .await?;
        let rows = client
            .query(versions::LIST, &[&merchant.as_str(), &1_i64])
            .await
            .map_err(db_error::store_error)?;
        let before = rows.first().map(|row| versions::read(merchant, row)).transpose()?;
        import.rows = Some(ImportRows::new(client, merchant, before));
        Ok(import)
    }

    fn rows(&mut self) -> Result<&mut ImportRows, StoreError> {
        self.connections.ensure_open()?;
        self.rows
            .as_mut()
            .ok_or_else(|| StoreError::new("the import failed before, and nothing of it is kept; begin it again"))
    }

    async fn switch(mut self, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError> {
        let is_whole = self.mode == ImportMode::Replace;
        let record = to_json(&import)?;
        let rows = self.rows()?;
        if is_whole {
            rows.remove_unseen().await?;
        }
        rows.finish(import, &record, now).await
    }
}

async fn lock(client: &ClientWrapper, merchant: &MerchantId) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT pg_try_advisory_xact_lock($1)";
    let row = client.query_one(sql, &[&locks::catalog_lock(merchant)]).await?;
    Ok(row.get(0))
}

/// The import that another host has under way.
async fn busy(
    connections: &Connections,
    merchant: &MerchantId,
    now: Timestamp,
) -> Result<BeginImportError, StoreError> {
    let sql = "SELECT host, since FROM catalog_import WHERE merchant = $1";
    let rows = connections.read(sql, &[&merchant.as_str()]).await?;
    let (host, since) = rows.first().map_or_else(
        // It has taken the lock a moment ago.
        || ("of another process".to_owned(), now),
        |row| (row.get(0), timestamp(row.get(1))),
    );
    Ok(BeginImportError::Busy { host, since })
}

#[async_trait]
impl CatalogImport for PostgresImport {
    fn version(&self) -> CatalogVersion {
        self.rows
            .as_ref()
            .map_or_else(CatalogVersion::default, ImportRows::version)
    }

    fn so_far(&self) -> ImportSoFar {
        let rows = self.rows.as_ref();
        rows.map(|rows| rows.so_far(&self.mode)).unwrap_or_default()
    }

    async fn current(&mut self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        self.rows()?.current(ids).await
    }

    async fn write(&mut self, rows: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, StoreError> {
        let written = self.rows()?.write(rows);
        let written = crash_point!(around "catalog.rows".to_owned(), written);
        if written.is_err() {
            // The server has ended the transaction.
            self.rows = None;
        }
        written
    }

    async fn finish(self: Box<Self>, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError> {
        crash_point!(around "catalog".to_owned(), (*self).switch(import, now))
    }
}

impl Drop for PostgresImport {
    fn drop(&mut self) {
        self.under_way.end();
        let (rows, turn) = (self.rows.take(), self.turn.take());
        // The next import begins after the lock was given back. Without a runtime the connection is closed, which does the same later.
        if let (Some(rows), Ok(runtime)) = (rows, tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                rows.roll_back().await;
                drop(turn);
            });
        }
    }
}
