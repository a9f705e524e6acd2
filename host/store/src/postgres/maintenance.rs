//! Maintenance of the database: what this host can report. Backups are made with PostgreSQL's own tools.

use std::path::Path;

use async_trait::async_trait;

use tillhouse_checkout::ports::{Copied, StoreError, StoreHealth, StoreMaintenance};

use super::PostgresStore;
use super::open::known_version;

const HEALTH: &str = "SELECT current_database()::text, \
     coalesce(inet_server_addr()::text || ':' || inet_server_port()::text, 'a socket'), \
     (SELECT coalesce(max(version), 0)::int4 FROM refinery_schema_history), \
     pg_database_size(current_database())::int8, (SELECT max(at)::int8 FROM audit)";

#[async_trait]
impl StoreMaintenance for PostgresStore {
    async fn backup(&self, _to: &Path) -> Result<Copied, StoreError> {
        Err(StoreError::new(
            "the store is a PostgreSQL database: back it up with pg_dump or pg_basebackup".to_owned(),
        ))
    }

    /// The disk and the files belong to the server; only what a query returns is reported.
    async fn health(&self) -> Result<StoreHealth, StoreError> {
        let rows = self.connections.read(HEALTH, &[]).await?;
        let row = rows
            .first()
            .ok_or_else(|| StoreError::new("the health query returned no row".to_owned()))?;
        let (database, server): (String, String) = (row.get(0), row.get(1));
        Ok(StoreHealth {
            engine: "postgresql".to_owned(),
            place: format!("{database} at {server}"),
            version: row.get(2),
            known_version: known_version(),
            damage: Vec::new(),
            journal: "wal".to_owned(),
            data_bytes: row.get::<_, i64>(3).unsigned_abs(),
            log_bytes: 0,
            free_bytes: u64::MAX,
            last_audit: row.get::<_, Option<i64>>(4).map(i64::unsigned_abs),
        })
    }
}
