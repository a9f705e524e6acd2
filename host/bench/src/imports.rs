//! The import of a large catalog into a running host: how fast it is, what memory it takes, and what quotes notice of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::catalog_import::{self, OrderFigures, peak_memory_mb as memory_mb, per_second, write_rows};
use super::figures::{Latency, Samples, ratio, rounded};
use super::{QUEUE_SETTINGS, shop};
use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest};
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
    /// Most memory that this process ever had, with the host and the simulators in it.
    peak_memory_mb: u64,
    /// The same before the import.
    memory_before_mb: u64,
    quotes: QuotesMeanwhile,
    /// Without a host, and compared with the rows inserted bare.
    orders: Vec<OrderFigures>,
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
) -> Result<ImportFigures, CommandError> {
    let data = parent.join(format!("tillhouse-bench-{}", std::process::id()));
    std::fs::create_dir_all(&data)?;
    let path = data.join("rows.csv");
    print_progress("writing the file");
    write_rows(&path, &(0..rows).collect::<Vec<_>>())?;
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
    let measured = Box::pin(import(rows, &local, &path)).await;
    local.stop().await;
    let orders = Box::pin(catalog_import::measure(rows, &data)).await;
    std::fs::remove_dir_all(&data)?;
    Ok(ImportFigures {
        orders: orders?,
        ..measured?
    })
}

async fn import(rows: usize, local: &LocalHost, path: &Path) -> Result<ImportFigures, CommandError> {
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
    quotes(&plugins, CALM / 4, &AtomicBool::new(false)).await?;
    let before = quotes(&plugins, CALM, &AtomicBool::new(false)).await?;

    print_progress("the import, with quotes beside it");
    let memory_before_mb = memory_mb();
    let ended = Arc::new(AtomicBool::new(false));
    let meanwhile = {
        let (plugins, ended) = (plugins.clone(), Arc::clone(&ended));
        tokio::spawn(async move { quotes(&plugins, Duration::MAX, &ended).await })
    };
    let began = Instant::now();
    let imported = run_import(local, path).await;
    let elapsed = began.elapsed();
    ended.store(true, Ordering::Relaxed);
    let during = meanwhile.await??;
    imported?;

    let (before, during) = (before.latency(), during.latency());
    let rows_per_s = per_second(rows, elapsed);
    Ok(ImportFigures {
        rows,
        bytes: path.metadata()?.len(),
        seconds: rounded(elapsed.as_secs_f64()),
        rows_per_s,
        csv_rows_per_s,
        import_vs_csv: ratio(rows_per_s, csv_rows_per_s),
        peak_memory_mb: memory_mb(),
        memory_before_mb,
        quotes: QuotesMeanwhile {
            before,
            during,
            p50_ratio: ratio(during.p50_ms, before.p50_ms),
            p99_ratio: ratio(during.p99_ms, before.p99_ms),
        },
        orders: Vec::new(),
    })
}

async fn run_import(local: &LocalHost, path: &Path) -> Result<(), CommandError> {
    let failed = |error: &dyn std::fmt::Display| CommandError(error.to_string());
    let holder = local.host.api().payments().lease_holder().clone();
    let importer = CatalogImporter::new(local.host.store.catalogs(), holder);
    let file = FeedFile::product(path.to_owned());
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
        let quoting_began = Instant::now();
        let mut phase = plugins.open(scope.clone()).await?;
        quoting::quote(phase.as_mut(), &scope, &cart).await?;
        phase.finish();
        samples.push(quoting_began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    Ok(samples)
}

/// Print the figures for people.
pub(super) fn print(printer: &Printer, figures: &ImportFigures) {
    printer.heading("Import of a catalog into a running host");
    printer.line(&format!(
        "  {} rows, {} bytes, in {:.1} s: {:.0} rows/s, {:.2} of the CSV library alone ({:.0} rows/s)",
        figures.rows, figures.bytes, figures.seconds, figures.rows_per_s, figures.import_vs_csv, figures.csv_rows_per_s
    ));
    printer.line(&format!(
        "  Memory of the whole process: at most {} MB; before the import {} MB",
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
    catalog_import::print(printer, &figures.orders);
}
