//! Part 3: speed of the disk: 4 KB appended and synced, and the store's group commit of units that change one key.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::figures::{Latency, Samples, Throughput, ratio};
use super::isolated_runtime::on_own_runtime;
use super::load::{LoadSamples, Tickets, drive};
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedWrite};
use tillhouse_checkout::ports::Store as _;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_console::CommandError;
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_store::sqlite::{SqliteSettings, SqliteStore};

/// The block of 4 KB that is appended.
const BLOCK: [u8; 4096] = [0x5a; 4096];

/// Results of the disk measurements.
#[derive(Debug, Serialize)]
pub(super) struct Disk {
    /// 4 KB appended to a file, then `fdatasync`.
    pub(super) append_sync_4k: Throughput,
    /// Commits of one small key each.
    pub(super) commits: Vec<CommitRow>,
}

/// Commits with a given number of concurrent clients.
#[derive(Debug, Serialize)]
pub(super) struct CommitRow {
    pub(super) clients: usize,
    #[serde(flatten)]
    pub(super) throughput: Throughput,
}

impl Disk {
    pub(super) fn new(append: &Samples, commits: Vec<CommitRow>) -> Self {
        let latency: Latency = append.latency();
        let append_sync_4k = Throughput {
            per_s: ratio(1e3, latency.p50_ms),
            latency,
        };
        Self {
            append_sync_4k,
            commits,
        }
    }
}

/// Append a block to a file and sync it, `writes` times.
pub(super) async fn append(folder: &Path, writes: usize) -> Result<Samples, CommandError> {
    let path = folder.join("append");
    on_own_runtime("bench-disk", move || async move {
        let mut file = File::create(&path)?;
        let mut samples = Samples::default();
        for _ in 0..writes {
            let began = Instant::now();
            file.write_all(&BLOCK)?;
            file.sync_data()?;
            samples.push(began.elapsed());
        }
        std::fs::remove_file(&path)?;
        Ok(samples)
    })
    .await
}

/// Open a separate store with the same settings as the host's.
pub(super) fn open(folder: &Path) -> Result<SqliteStore, CommandError> {
    Ok(SqliteStore::open(&SqliteSettings::new(folder), Arc::new(SystemClock))?)
}

/// Commit units of one small key from concurrent clients.
pub(super) async fn commits(
    store: &Arc<SqliteStore>,
    clients: usize,
    time: Duration,
) -> Result<Throughput, CommandError> {
    let stores = vec![Arc::clone(store); clients];
    let done: LoadSamples<1> = on_own_runtime("bench-clients", move || async move {
        drive(stores, usize::MAX, time, commit).await
    })
    .await?;
    let [throughput] = done.throughputs();
    Ok(throughput)
}

async fn commit(store: Arc<SqliteStore>, tickets: Tickets) -> Result<[Samples; 1], CommandError> {
    let mut samples = Samples::default();
    while let Some(number) = tickets.take() {
        let unit = small_unit(number);
        let began = Instant::now();
        store.commit(unit).await?;
        samples.push(began.elapsed());
    }
    Ok([samples])
}

fn small_unit(number: usize) -> UnitOfWork {
    let write = StagedWrite::Put {
        namespace: Namespace {
            merchant: MerchantId::new("bench"),
            plugin: PluginId::new("bench"),
        },
        // Increasing, like the ids of the host.
        key: format!("{number:020}"),
        value: Some(b"32 bytes, as many as a small row".to_vec()),
    };
    UnitOfWork {
        staged: StagedChanges {
            reads: Vec::new(),
            writes: vec![write],
        },
        ..UnitOfWork::default()
    }
}
