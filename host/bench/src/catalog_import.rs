//! The import of a catalog compared with the same rows inserted bare: into one table with their ids as its key, in one transaction.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde::Serialize;

use super::figures::ratio;
use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest};
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::time::Clock as _;
use tillhouse_console::CommandError;
use tillhouse_console::output::{Printer, print_progress};
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

/// Rows that are made before the clock runs, and then inserted.
const CHUNK: usize = 10_000;
/// Page cache of the bare insertion in KiB, as large as that of the import.
const BARE_CACHE: i64 = 32 * 1024;

/// Rows in one order.
#[derive(Debug, Serialize)]
pub(super) struct OrderFigures {
    /// `sorted` or `shuffled`.
    order: &'static str,
    bare_rows_per_s: f64,
    import_rows_per_s: f64,
    /// Speed of the import as a share of the bare insertion.
    import_vs_bare: f64,
    /// The same file once more: nothing is written.
    unchanged_rows_per_s: f64,
    /// Most memory of this process during the import, with the benchmark in it.
    peak_memory_mb: u64,
}

/// Import files of this many rows into stores of their own, in the order of their ids and in any other.
pub(super) async fn measure(rows: usize, folder: &Path) -> Result<Vec<OrderFigures>, CommandError> {
    let mut figures = Vec::new();
    for (order, numbers) in [("sorted", (0..rows).collect()), ("shuffled", shuffled(rows))] {
        print_progress(&format!("{order} rows, inserted bare and imported"));
        let folder = folder.join(order);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("rows.csv");
        write_rows(&path, &numbers)?;
        let bare_rows_per_s = per_second(rows, bare(&folder.join("bare.db"), &numbers)?);
        drop(numbers);
        forget_peak();
        let (first, again) = Box::pin(import_twice(&folder.join("store"), &path)).await?;
        let import_rows_per_s = per_second(rows, first);
        figures.push(OrderFigures {
            order,
            bare_rows_per_s,
            import_rows_per_s,
            import_vs_bare: ratio(import_rows_per_s, bare_rows_per_s),
            unchanged_rows_per_s: per_second(rows, again),
            peak_memory_mb: peak_memory_mb(),
        });
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(figures)
}

/// Import the file into a new store, and once more.
async fn import_twice(folder: &Path, path: &Path) -> Result<(Duration, Duration), CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError(error.to_string());
    let settings = StoreSettings::Sqlite(SqliteSettings::new(folder));
    let store = StoreEngine::open(&settings, Arc::new(SystemClock)).await;
    let store = store.map_err(|error| failed(&error))?;
    let holder = LeaseHolder {
        host: HostId::new("host_bench"),
        lease: Duration::from_secs(60),
    };
    let importer = CatalogImporter::new(store.catalogs(), holder);
    let file = FeedFile::product(path.to_owned());
    let request = ImportRequest::replacing(MerchantId::new("bench"), file, "operator:bench".to_owned());
    let mut times = [Duration::ZERO; 2];
    for time in &mut times {
        let began = Instant::now();
        let prepared = importer.prepare(&request, &Arc::default(), SystemClock.now()).await;
        let finished = prepared
            .map_err(|error| failed(&error))?
            .finish(SystemClock.now())
            .await;
        finished.map_err(|error| failed(&error))?;
        *time = began.elapsed();
    }
    store.close().await;
    let [first, again] = times;
    Ok((first, again))
}

/// One transaction, as durable as that of an import.
fn bare(path: &Path, numbers: &[usize]) -> Result<Duration, CommandError> {
    let failed = |error: rusqlite::Error| CommandError(error.to_string());
    let insert = || {
        let db = Connection::open(path)?;
        db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "cache_size", -BARE_CACHE)?;
        db.execute_batch("CREATE TABLE item (id TEXT PRIMARY KEY, content BLOB NOT NULL); BEGIN IMMEDIATE")?;
        let mut elapsed = Duration::ZERO;
        for chunk in numbers.chunks(CHUNK) {
            let rows: Vec<_> = chunk.iter().map(|number| (item_id(*number), cells(*number))).collect();
            let began = Instant::now();
            let mut statement = db.prepare_cached("INSERT INTO item (id, content) VALUES (?1, ?2)")?;
            for (id, content) in &rows {
                statement.execute((id, content.as_bytes()))?;
            }
            elapsed += began.elapsed();
        }
        let began = Instant::now();
        db.execute_batch("COMMIT")?;
        Ok(elapsed + began.elapsed())
    };
    insert().map_err(failed)
}

/// Write a file with these rows, some 200 bytes each, as a feed of Stripe has them.
pub(super) fn write_rows(path: &Path, numbers: &[usize]) -> Result<(), CommandError> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "id,title,description,link,image_link,availability,price,brand,condition,inventory_quantity"
    )?;
    for number in numbers {
        writeln!(file, "{},{}", item_id(*number), cells(*number))?;
    }
    file.flush()?;
    Ok(())
}

fn item_id(number: usize) -> String {
    format!("row-{number:07}")
}

fn cells(number: usize) -> String {
    format!(
        "Item {number} of the import,Described in a sentence of the usual length and tone,https://shop.example/p/{number},\
         https://shop.example/i/{number}.jpg,in_stock,{}.99 USD,Tillhouse,new,{}",
        1 + number % 500,
        number % 1000,
    )
}

/// The same order in every run: what differs between two runs is the machine.
fn shuffled(count: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (last as u64 + 1)).unwrap_or(0);
        numbers.swap(last, other);
    }
    numbers
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 rows")]
pub(super) fn per_second(rows: usize, elapsed: Duration) -> f64 {
    ratio(rows as f64, elapsed.as_secs_f64())
}

/// Most memory that this process had so far, or since the peak was forgotten; 0 where the kernel does not say.
pub(super) fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

/// Begin a new peak with the memory that is used now. Where the kernel cannot, the peak is that of the whole process.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// A line for each order.
pub(super) fn print(printer: &Printer, figures: &[OrderFigures]) {
    for of in figures {
        printer.line(&format!(
            "  {} rows into a store of their own: bare {:.0} rows/s, imported {:.0} rows/s, {:.2} of it; again, unchanged, {:.0} \
             rows/s; at most {} MB",
            of.order, of.bare_rows_per_s, of.import_rows_per_s, of.import_vs_bare, of.unchanged_rows_per_s, of.peak_memory_mb
        ));
    }
}
