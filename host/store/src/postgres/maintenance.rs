//! Maintenance of the database: what this host can report. Backups are made with PostgreSQL's own tools.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_checkout::ports::{Copied, StoreError, StoreHealth, StoreMaintenance};

use super::open::known_version;
use super::{PostgresStore, commit_mark, weaknesses};

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

    /// Every new connection is checked anyway; this one looks at the other hosts, so that their commits are known here if they go down
    /// together with the database. A database that gives no answer is found by the next commit.
    async fn verify(&self) -> Result<(), StoreError> {
        if let Ok(client) = self.connections.get().await
            && let Err(error) = commit_mark::check(&client, self.connections.marks()).await
        {
            tracing::debug!(%error, "store: the commits of other hosts could not be read");
        }
        let marks = Arc::clone(self.connections.marks());
        let synced = tokio::task::spawn_blocking(move || marks.sync()).await;
        synced.map_err(|error| StoreError::with_source(format!("the task was aborted: {error}"), error))?
    }

    /// The disk and the files belong to the server; only what a query returns is reported.
    async fn health(&self) -> Result<StoreHealth, StoreError> {
        // Also of a database that went back in time: that is part of its health.
        let connections = self.connections.for_quarantine();
        let rows = connections.read(HEALTH, &[]).await?;
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
            rewound: self.rewound(),
            weaknesses: weaknesses::find(&*connections.get().await?).await,
        })
    }
}
