//! The import of a catalog into PostgreSQL, compared with the same rows inserted bare into one table of that database.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::{Client, NoTls};

use super::catalog_import::{CHUNK, cells, import_twice, item_id, per_second};
use super::figures::ratio;
use tillhouse_checkout::secret::Secret;
use tillhouse_console::CommandError;
use tillhouse_console::output::{Printer, print_progress};
use tillhouse_store::{PostgresSettings, StoreSettings};

/// Rows in the order of their ids, one round.
#[derive(Debug, Serialize)]
pub(super) struct PostgresFigures {
    bare_rows_per_s: f64,
    import_rows_per_s: f64,
    /// Speed of the import as a share of the bare insertion.
    import_vs_bare: f64,
    /// The same file once more: nothing is written.
    unchanged_rows_per_s: f64,
}

/// Insert `rows` rows bare, then import the file with them.
pub(super) async fn measure(rows: usize, url: String, path: &Path) -> Result<PostgresFigures, CommandError> {
    print_progress("rows inserted bare into PostgreSQL, and imported");
    let bare = bare(&url, rows)
        .await
        .map_err(|error| CommandError(format!("--postgres: {error}")))?;
    let settings = StoreSettings::Postgres(PostgresSettings::new(Arc::new(Secret::new(url))));
    let (first, again) = Box::pin(import_twice(&settings, path)).await?;
    let (bare_rows_per_s, import_rows_per_s) = (per_second(rows, bare), per_second(rows, first));
    Ok(PostgresFigures {
        bare_rows_per_s,
        import_rows_per_s,
        import_vs_bare: ratio(import_rows_per_s, bare_rows_per_s),
        unchanged_rows_per_s: per_second(rows, again),
    })
}

/// One transaction with a statement for many rows at a time. The table is gone afterwards.
async fn bare(url: &str, rows: usize) -> Result<Duration, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client
        .batch_execute(
            "CREATE TABLE bench_item (id TEXT COLLATE \"C\" PRIMARY KEY, content BYTEA NOT NULL); CHECKPOINT; BEGIN",
        )
        .await?;
    let inserted = insert(&client, rows).await;
    client.batch_execute("DROP TABLE IF EXISTS bench_item").await.ok();
    drop(client);
    connection.await.ok();
    inserted
}

async fn insert(client: &Client, rows: usize) -> Result<Duration, tokio_postgres::Error> {
    let sql = "INSERT INTO bench_item (id, content) SELECT * FROM unnest($1::text[], $2::bytea[])";
    let statement = client.prepare(sql).await?;
    let mut elapsed = Duration::ZERO;
    for first in (0..rows).step_by(CHUNK) {
        let numbers = first..rows.min(first + CHUNK);
        let ids: Vec<String> = numbers.clone().map(item_id).collect();
        let contents: Vec<Vec<u8>> = numbers.map(|number| cells(number).into_bytes()).collect();
        let began = Instant::now();
        client.execute(&statement, &[&ids, &contents]).await?;
        elapsed += began.elapsed();
    }
    let began = Instant::now();
    client.batch_execute("COMMIT").await?;
    Ok(elapsed + began.elapsed())
}

/// A line for people.
pub(super) fn print(printer: &Printer, of: &PostgresFigures) {
    printer.line(&format!(
        "  Into PostgreSQL, sorted: bare {:.0} rows/s, imported {:.0} rows/s, {:.2} of it; again, unchanged, {:.0} rows/s",
        of.bare_rows_per_s, of.import_rows_per_s, of.import_vs_bare, of.unchanged_rows_per_s
    ));
}
