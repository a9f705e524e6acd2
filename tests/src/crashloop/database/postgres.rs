//! PostgreSQL: a server of this run, which can be restarted while the hosts run.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::block_in_place;
use tokio_postgres::{Client, NoTls};

use crate::history::{Attempt, SearchedPlace};
use crate::postgres::{PostgresServer, Shutdown, TestDatabase, binaries};

use super::{ATTEMPTS, files};

/// Lists the names of all tables.
const TABLES: &str = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'";

#[derive(Debug)]
pub(in super::super) struct Postgres {
    server: Mutex<PostgresServer>,
    database: TestDatabase,
    away: Mutex<Away>,
}

/// When the server was last down.
#[derive(Clone, Copy, Debug)]
enum Away {
    Never,
    Now,
    Until(Instant),
}

impl Postgres {
    pub(super) async fn start() -> Self {
        let binaries = binaries().expect("PostgreSQL is installed");
        let server = block_in_place(|| PostgresServer::start(binaries));
        Self {
            database: server.database().await,
            server: Mutex::new(server),
            away: Mutex::new(Away::Never),
        }
    }

    pub(super) fn url(&self) -> &str {
        self.database.url()
    }

    pub(super) async fn restart(&self, how: Shutdown, away: Duration) {
        self.is_away(Away::Now);
        block_in_place(|| self.server().shut_down(how));
        tokio::time::sleep(away).await;
        block_in_place(|| self.server().start_again());
        self.is_away(Away::Until(Instant::now()));
    }

    pub(super) fn away_until(&self) -> Option<Instant> {
        match *self.away.lock().unwrap_or_else(PoisonError::into_inner) {
            Away::Never => None,
            Away::Now => Some(Instant::now()),
            Away::Until(moment) => Some(moment),
        }
    }

    pub(super) async fn attempts(&self) -> Vec<Attempt> {
        let rows = self
            .client()
            .await
            .query(ATTEMPTS, &[])
            .await
            .expect("the attempts can be read");
        let attempt = |row: &tokio_postgres::Row| Attempt {
            reference: row.get(0),
            checkout: row.get(1),
            charging: row.get(2),
        };
        rows.iter().map(attempt).collect()
    }

    pub(super) async fn texts(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let rows = self
            .client()
            .await
            .query(sql, &[])
            .await
            .expect("the tables can be queried");
        rows.iter()
            .map(|row| (0..row.len()).map(|column| row.get(column)).collect())
            .collect()
    }

    /// Every row of every table as text, because long values are compressed on disk; and the write-ahead log.
    pub(super) async fn places(&self) -> Vec<SearchedPlace> {
        let client = self.client().await;
        let mut places = files(&self.server().wal());
        for table in client.query(TABLES, &[]).await.expect("the tables can be listed") {
            let name: String = table.get(0);
            let rows = format!("SELECT this::text FROM {name} AS this");
            let rows = client.query(&rows, &[]).await.expect("the table can be read");
            let rows: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
            places.push(SearchedPlace {
                name,
                bytes: rows.join("\n").into_bytes(),
            });
        }
        places
    }

    async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(self.url(), NoTls)
            .await
            .expect("the server accepts a connection");
        // The task ends when the client is dropped.
        tokio::spawn(connection);
        client
    }

    fn server(&self) -> std::sync::MutexGuard<'_, PostgresServer> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_away(&self, away: Away) {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner) = away;
    }
}
