//! The import of a large catalog into a running host: how fast it is, what memory it takes, and what quotes notice of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::catalog_import::{self, OrderFigures, forget_peak, item_id, peak_memory_mb, per_second, write_rows};
use super::figures::{Latency, Samples, ratio, rounded};
use super::postgres_import::{self, PostgresFigures};
use super::{QUEUE_SETTINGS, shop};
use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{Decisions as _, PhaseKind, PhaseScope};
use tillhouse_checkout::quoting;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Clock as _;
use tillhouse_console::CommandError;
use tillhouse_console::bundled::BundledPlugins;
use tillhouse_console::local_host::{LocalHost, MERCHANT};
use tillhouse_console::output::{Printer, print_progress};
use tillhouse_runtime::Plugins;
use tillhouse_server::clock_and_ids::SystemClock;

/// Lines of the carts that are quoted.
const LINES: usize = 10;
/// Pause between two quotes: a shop that is visited, and a processor that has something left for the import.
const PAUSE: Duration = Duration::from_millis(5);
/// How long quotes are measured without an import.
const CALM: Duration = Duration::from_secs(4);
/// Imports with quotes beside them, each after a calm time: the 99th percentile of one import alone would be that of a few quotes.
const ROUNDS: usize = 5;

/// What an import does, and what it costs.
#[derive(Debug, Serialize)]
pub(super) struct ImportFigures {
    rows: usize,
    bytes: u64,
    seconds: f64,
    rows_per_s: f64,
    /// The same file, read by the CSV library alone.
    csv_rows_per_s: f64,
    /// Speed of the import as a share of that.
    import_vs_csv: f64,
    /// Most memory of this process during the import, with the host and the simulators in it.
    peak_memory_mb: u64,
    /// What it had right before the import.
    memory_before_mb: u64,
    quotes: QuotesMeanwhile,
    by_size: QuotesBySize,
    /// Without a host, and compared with the rows inserted bare.
    orders: Vec<OrderFigures>,
    /// The same in PostgreSQL, if a database was named.
    postgres: Option<PostgresFigures>,
}

/// Quotes of a host with a small catalog, and with one of as many rows as were imported.
#[derive(Debug, Serialize)]
struct QuotesBySize {
    small_items: usize,
    /// Carts of items that were not read before.
    small_cold: Latency,
    small_warm: Latency,
    large_cold: Latency,
    large_warm: Latency,
    cold_p50_ratio: f64,
    warm_p50_ratio: f64,
}

/// Quotes before an import and during it.
#[derive(Debug, Serialize)]
struct QuotesMeanwhile {
    before: Latency,
    during: Latency,
    p50_ratio: f64,
    p99_ratio: f64,
}

/// Import a file of this many rows into a host of its own.
pub(super) async fn measure(
    rows: usize,
    plugins: &BundledPlugins,
    parent: &Path,
    database: Option<String>,
) -> Result<ImportFigures, CommandError> {
    let data = parent.join(format!("tillhouse-bench-{}", std::process::id()));
    std::fs::create_dir_all(&data)?;
    let [path, changed] = ["rows.csv", "changed.csv"].map(|name| data.join(name));
    print_progress("writing the files");
    let numbers: Vec<usize> = (0..rows).collect();
    write_rows(&path, &numbers, 0)?;
    write_rows(&changed, &numbers, 1)?;
    let settings = |_: &_| QUEUE_SETTINGS.to_owned();
    let local = LocalHost::start_with_catalog(
        &shop::catalog(),
        settings,
        plugins,
        data.join("host"),
        "127.0.0.1:0",
        None,
    )
    .await?;
    let measured = Box::pin(import(rows, &local, [&path, &changed])).await;
    local.stop().await;
    let orders = Box::pin(catalog_import::measure(rows, &data)).await;
    let postgres = match database {
        Some(url) => Some(Box::pin(postgres_import::measure(rows, url, &path)).await),
        None => None,
    };
    std::fs::remove_dir_all(&data)?;
    Ok(ImportFigures {
        orders: orders?,
        postgres: postgres.transpose()?,
        ..measured?
    })
}

/// Imports the two files in turn: each changes every row of the one before.
async fn import(rows: usize, local: &LocalHost, paths: [&Path; 2]) -> Result<ImportFigures, CommandError> {
    let [path, _] = paths;
    let csv = Instant::now();
    let mut reader = csv::Reader::from_path(path).map_err(|error| CommandError(error.to_string()))?;
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| CommandError(error.to_string()))?
    {}
    let csv_rows_per_s = per_second(rows, csv.elapsed());

    print_progress("quotes before the import");
    let plugins = local.host.plugins.clone();
    // The first quote loads code, and does not count.
    quote(&plugins, &shop::cart_of(&[shop::sku(1)])).await?;
    let small_cold = quotes_of(&plugins, shop::SKUS, shop::sku).await?;
    quotes(&plugins, CALM / 4, &AtomicBool::new(false)).await?;

    print_progress("imports, with quotes beside them");
    forget_peak();
    let memory_before_mb = peak_memory_mb();
    let (mut before, mut during, mut times) = (Samples::default(), Samples::default(), Vec::new());
    for path in paths.iter().cycle().take(ROUNDS) {
        before.add(quotes(&plugins, CALM, &AtomicBool::new(false)).await?);
        let (beside, elapsed) = import_beside_quotes(local, path).await?;
        during.add(beside);
        times.push(elapsed);
    }
    let peak_memory_mb = peak_memory_mb();
    times.sort_unstable();
    let elapsed = times.get(ROUNDS / 2).copied().unwrap_or_default();

    print_progress("quotes beside the large catalog");
    let stride = rows / shop::SKUS;
    let large_cold = quotes_of(&plugins, shop::SKUS, |index| item_id(index * stride)).await?;
    quotes(&plugins, CALM / 4, &AtomicBool::new(false)).await?;
    let after = quotes(&plugins, CALM, &AtomicBool::new(false)).await?.latency();
    let (before, during) = (before.latency(), during.latency());
    let (small_cold, large_cold) = (small_cold.latency(), large_cold.latency());
    let rows_per_s = per_second(rows, elapsed);
    Ok(ImportFigures {
        rows,
        bytes: path.metadata()?.len(),
        seconds: rounded(elapsed.as_secs_f64()),
        rows_per_s,
        csv_rows_per_s,
        import_vs_csv: ratio(rows_per_s, csv_rows_per_s),
        peak_memory_mb,
        memory_before_mb,
        quotes: QuotesMeanwhile {
            before,
            during,
            p50_ratio: ratio(during.p50_ms, before.p50_ms),
            p99_ratio: ratio(during.p99_ms, before.p99_ms),
        },
        by_size: QuotesBySize {
            small_items: shop::SKUS,
            small_cold,
            small_warm: before,
            large_cold,
            large_warm: after,
            cold_p50_ratio: ratio(large_cold.p50_ms, small_cold.p50_ms),
            warm_p50_ratio: ratio(after.p50_ms, before.p50_ms),
        },
        orders: Vec::new(),
        postgres: None,
    })
}

/// Quotes during one import, and its time.
async fn import_beside_quotes(local: &LocalHost, path: &Path) -> Result<(Samples, Duration), CommandError> {
    let ended = Arc::new(AtomicBool::new(false));
    let importing = {
        let (store, holder) = (
            local.host.store.catalogs(),
            local.host.api().payments().lease_holder().clone(),
        );
        let (path, ended) = (path.to_owned(), Arc::clone(&ended));
        tokio::spawn(async move {
            let began = Instant::now();
            let imported = run_import(CatalogImporter::new(store, holder), path).await;
            ended.store(true, Ordering::Relaxed);
            imported.map(|()| began.elapsed())
        })
    };
    let beside = quotes(&local.host.plugins, Duration::MAX, &ended).await?;
    Ok((beside, importing.await??))
}

async fn run_import(importer: CatalogImporter, path: PathBuf) -> Result<(), CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError(error.to_string());
    let file = FeedFile::product(path);
    let request = ImportRequest {
        mode: ImportMode::Upsert,
        ..ImportRequest::replacing(MerchantId::new(MERCHANT), file, "operator:bench".to_owned())
    };
    let prepared = importer.prepare(&request, &Arc::default(), SystemClock.now()).await;
    let finished = prepared
        .map_err(|error| failed(&error))?
        .finish(SystemClock.now())
        .await;
    finished.map_err(|error| failed(&error))?;
    Ok(())
}

/// Quotes one after another, until the time is over or something else has ended.
async fn quotes(plugins: &Plugins, time: Duration, ended: &AtomicBool) -> Result<Samples, CommandError> {
    let (mut samples, began, cart) = (Samples::default(), Instant::now(), shop::cart(LINES));
    while began.elapsed() < time && !ended.load(Ordering::Relaxed) {
        samples.push(quote(plugins, &cart).await?);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(samples)
}

/// Quotes of `items` items, each in one cart only.
async fn quotes_of(plugins: &Plugins, items: usize, id: impl Fn(usize) -> String) -> Result<Samples, CommandError> {
    let mut samples = Samples::default();
    let ids: Vec<String> = (0..items).map(id).collect();
    for ids in ids.chunks_exact(LINES) {
        samples.push(quote(plugins, &shop::cart_of(ids)).await?);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(samples)
}

async fn quote(plugins: &Plugins, cart: &Cart) -> Result<Duration, CommandError> {
    let scope = PhaseScope {
        merchant: MerchantId::new(MERCHANT),
        session: SessionId::new("cs_bench"),
        kind: PhaseKind::Quote,
        now: SystemClock.now(),
        currency: Currency::new("usd")?,
        locale: None,
        time_zone: None,
        agent: Agent::default(),
        catalog: None,
        deadline: None,
    };
    let began = Instant::now();
    let mut phase = plugins.open(scope.clone()).await?;
    quoting::quote(phase.as_mut(), &scope, cart).await?;
    phase.finish();
    Ok(began.elapsed())
}

/// Print the figures for people.
pub(super) fn print(printer: &Printer, figures: &ImportFigures) {
    printer.heading("Imports of a catalog into a running host");
    printer.line(&format!(
        "  {} rows, {} bytes, in {:.1} s: {:.0} rows/s, {:.2} of the CSV library alone ({:.0} rows/s)",
        figures.rows, figures.bytes, figures.seconds, figures.rows_per_s, figures.import_vs_csv, figures.csv_rows_per_s
    ));
    printer.line(&format!(
        "  Memory of the process, with the host and the simulators: at most {} MB during the import; before it {} MB",
        figures.peak_memory_mb, figures.memory_before_mb
    ));
    let quotes = &figures.quotes;
    printer.line(&format!(
        "  Quotes of {LINES} lines, p50/p99: {:.2}/{:.2} ms before, {:.2}/{:.2} ms during it: {:.2} and {:.2} times",
        quotes.before.p50_ms,
        quotes.before.p99_ms,
        quotes.during.p50_ms,
        quotes.during.p99_ms,
        quotes.p50_ratio,
        quotes.p99_ratio
    ));
    let sizes = &figures.by_size;
    printer.line(&format!(
        "  Quotes of {LINES} lines, p50, beside {} items and beside these: {:.2} and {:.2} ms of items that were read before, {:.2} \
         times; {:.2} and {:.2} ms of others, {:.2} times",
        sizes.small_items,
        sizes.small_warm.p50_ms,
        sizes.large_warm.p50_ms,
        sizes.warm_p50_ratio,
        sizes.small_cold.p50_ms,
        sizes.large_cold.p50_ms,
        sizes.cold_p50_ratio
    ));
    catalog_import::print(printer, &figures.orders);
    if let Some(postgres) = &figures.postgres {
        postgres_import::print(printer, postgres);
    }
}
