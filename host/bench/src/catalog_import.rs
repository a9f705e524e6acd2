//! The import of a catalog compared with the same rows inserted bare: into one table with their ids as its key, in one transaction.
//!
//! The bare insertion has as many bytes of each row, the same page cache, and a commit as durable. Its rows are made before the clock
//! runs, and its thread has the priority of the process, where those of an import have a lower one: what else runs on the machine
//! counts against the import only. Rounds of the two alternate, and the median of each counts.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde::Serialize;

use super::figures::{median, ratio};
use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest, check_file};
use tillhouse_checkout::ids::{HostId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::time::Clock as _;
use tillhouse_console::CommandError;
use tillhouse_console::output::{Printer, print_progress};
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

/// Rounds of each order.
const ROUNDS: usize = 3;
/// Rows that are made before the clock runs, and then inserted.
pub(super) const CHUNK: usize = 10_000;
/// Page cache of the bare insertion in KiB, as large as that of the import.
const BARE_CACHE: i64 = 32 * 1024;

/// Rows in one order.
#[derive(Debug, Serialize)]
pub(super) struct OrderFigures {
    /// `sorted` or `shuffled`.
    order: &'static str,
    /// The file read and checked alone, without a store.
    checked_rows_per_s: f64,
    bare_rows_per_s: f64,
    import_rows_per_s: f64,
    /// Speed of the import as a share of the bare insertion.
    import_vs_bare: f64,
    /// The same file once more: nothing is written.
    unchanged_rows_per_s: f64,
    /// Most memory that an import has added to that of this process; what the benchmark left in it is used again.
    added_memory_mb: u64,
}

/// Import files of this many rows into stores of their own, in the order of their ids and in any other.
pub(super) async fn measure(rows: usize, folder: &Path) -> Result<Vec<OrderFigures>, CommandError> {
    let mut figures = Vec::new();
    for order in ["sorted", "shuffled"] {
        let folder = folder.join(order);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("rows.csv");
        write_rows(&path, &numbers(order, rows), 0)?;
        let mut rounds = Rounds::default();
        for round in 1..=ROUNDS {
            print_progress(&format!(
                "{order} rows, inserted bare and imported, {round} of {ROUNDS}"
            ));
            let part = folder.join(round.to_string());
            std::fs::create_dir_all(&part)?;
            rounds.bare.push(bare(&part.join("bare.db"), &numbers(order, rows))?);
            let began = Instant::now();
            let checked = check_file(&FeedFile::product(path.clone()), &Arc::default(), |_| ()).await;
            checked.map_err(|error| CommandError(error.to_string()))?;
            rounds.checked.push(began.elapsed());
            forget_peak();
            let memory_before_mb = peak_memory_mb();
            let settings = StoreSettings::Sqlite(SqliteSettings::new(part.join("store")));
            let (first, again) = Box::pin(import_twice(&settings, &path)).await?;
            rounds.imported.push(first);
            rounds.again.push(again);
            rounds.added_memory_mb = rounds
                .added_memory_mb
                .max(peak_memory_mb().saturating_sub(memory_before_mb));
            std::fs::remove_dir_all(&part)?;
        }
        std::fs::remove_dir_all(&folder)?;
        figures.push(rounds.figures(order, rows));
    }
    Ok(figures)
}

/// What was measured of one order, a time for each round.
#[derive(Default)]
struct Rounds {
    bare: Vec<Duration>,
    checked: Vec<Duration>,
    imported: Vec<Duration>,
    again: Vec<Duration>,
    added_memory_mb: u64,
}

impl Rounds {
    fn figures(self, order: &'static str, rows: usize) -> OrderFigures {
        let of = |times: Vec<Duration>| median(times.into_iter().map(|time| per_second(rows, time)).collect());
        let (bare_rows_per_s, import_rows_per_s) = (of(self.bare), of(self.imported));
        OrderFigures {
            order,
            checked_rows_per_s: of(self.checked),
            bare_rows_per_s,
            import_rows_per_s,
            import_vs_bare: ratio(import_rows_per_s, bare_rows_per_s),
            unchanged_rows_per_s: of(self.again),
            added_memory_mb: self.added_memory_mb,
        }
    }
}

fn numbers(order: &str, rows: usize) -> Vec<usize> {
    match order {
        "sorted" => (0..rows).collect(),
        _ => shuffled(rows),
    }
}

/// Import the file into a new store, and once more.
pub(super) async fn import_twice(settings: &StoreSettings, path: &Path) -> Result<(Duration, Duration), CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError(error.to_string());
    let store = StoreEngine::open(settings, Arc::new(SystemClock)).await;
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

/// Write a file with these rows, some 200 bytes each, as a feed of Stripe has them. Another edition differs in every row.
pub(super) fn write_rows(path: &Path, numbers: &[usize], edition: usize) -> Result<(), CommandError> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "id,title,description,link,image_link,availability,price,brand,condition,inventory_quantity"
    )?;
    for number in numbers {
        writeln!(file, "{},{}", item_id(*number), cells(*number + edition))?;
    }
    file.flush()?;
    Ok(())
}

pub(super) fn item_id(number: usize) -> String {
    format!("row-{number:07}")
}

pub(super) fn cells(number: usize) -> String {
    format!(
        "Item {number} of the import,Described in a sentence of the usual length and tone,https://shop.example/p/{number},\
         https://shop.example/i/{number}.jpg,in_stock,{}.99 USD,Tillhouse,new,{}",
        1 + number % 500,
        number % 1000,
    )
}

/// The same order in every run: what differs between two runs is the machine.
pub(super) fn shuffled(count: usize) -> Vec<usize> {
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
pub(super) fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// A line for each order.
pub(super) fn print(printer: &Printer, figures: &[OrderFigures]) {
    printer.line(&format!(
        "  Into a store of their own, against as many bytes a row inserted bare in one transaction, as durable and with the same page \
         cache; medians of {ROUNDS} rounds:"
    ));
    for of in figures {
        printer.line(&format!(
            "  {} rows: bare {:.0} rows/s, imported {:.0} rows/s, {:.2} of it; again, unchanged, {:.0} rows/s; read and checked \
             alone {:.0} rows/s; at most {} MB more memory",
            of.order,
            of.bare_rows_per_s,
            of.import_rows_per_s,
            of.import_vs_bare,
            of.unchanged_rows_per_s,
            of.checked_rows_per_s,
            of.added_memory_mb
        ));
    }
}
