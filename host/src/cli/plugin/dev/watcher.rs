//! Watches a plugin's sources by polling, and rebuilds once they are stable after a change.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc;

use crate::cli::plugin::error::VerbError;
use crate::cli::plugin::options::PluginOptions;
use crate::cli::plugin::target_plugin::{BuiltPlugin, PluginSource};

/// Polling interval. For a few files polling is cheap, needs no dependency, and works on every file system.
const POLL_INTERVAL: Duration = Duration::from_millis(300);

/// Folders that are not watched: they hold build output and dependencies.
const IGNORED_FOLDERS: [&str; 2] = ["target", "node_modules"];

/// Maximum number of watched files, in case the folder is a whole disk.
const MAX_FILES: usize = 10_000;

/// Result of a change to the sources.
#[derive(Debug)]
pub(super) enum SourceChange {
    /// A plugin as it can be loaded, its configuration, and how long the build took.
    Built(Box<BuiltPlugin>, BTreeMap<String, String>, Duration),
    /// The build or the configuration failed, with the error.
    Failed(String),
}

/// The watched files, with their state at the last build.
#[derive(Debug)]
pub(super) struct WatchedFiles {
    roots: Vec<PathBuf>,
    /// State of the files when the last build started.
    last_built: Snapshot,
}

/// Modification time and size of each file.
type Snapshot = BTreeMap<PathBuf, (SystemTime, u64)>;

impl WatchedFiles {
    /// Watch the sources, the manifest and the configuration. Call it before the build, so that changes during the build are
    /// noticed.
    pub(super) fn of(source: &PluginSource, config: Option<PathBuf>) -> Self {
        let sources = source.watch_path().to_path_buf();
        let roots: Vec<PathBuf> = [sources, source.manifest.clone()].into_iter().chain(config).collect();
        Self {
            last_built: snapshot(&roots),
            roots,
        }
    }
}

/// Rebuild on every change, until the receiver of `changes` is dropped.
pub(super) async fn watch(
    mut files: WatchedFiles,
    source: PluginSource,
    options: PluginOptions,
    changes: mpsc::Sender<SourceChange>,
) {
    let mut last = files.last_built.clone();
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        let now = snapshot(&files.roots);
        // Editors write several files: wait until two polls in a row see the same state.
        let is_stable = now == last;
        last = now;
        if !is_stable || last == files.last_built {
            continue;
        }
        files.last_built.clone_from(&last);
        let (of_build, of_config) = (source.clone(), options.clone());
        let built = tokio::task::spawn_blocking(move || build(&of_build, &of_config)).await;
        let change = match built {
            Ok(Ok(change)) => change,
            Ok(Err(error)) => SourceChange::Failed(error.message()),
            Err(error) => SourceChange::Failed(error.to_string()),
        };
        if changes.send(change).await.is_err() {
            return;
        }
    }
}

fn build(source: &PluginSource, options: &PluginOptions) -> Result<SourceChange, VerbError> {
    let began = Instant::now();
    let plugin = source.build()?;
    options.validate_config(source, &plugin)?;
    Ok(SourceChange::Built(
        Box::new(plugin),
        options.flat_config(source)?,
        began.elapsed(),
    ))
}

fn snapshot(roots: &[PathBuf]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for root in roots {
        add_files(root, &mut snapshot);
    }
    snapshot
}

fn add_files(path: &Path, snapshot: &mut Snapshot) {
    // A file that disappears counts as a change; the build reports it if it is needed.
    let Ok(meta) = std::fs::metadata(path) else { return };
    if meta.is_file() {
        let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        snapshot.insert(path.to_path_buf(), (written, meta.len()));
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        let ignored = IGNORED_FOLDERS.iter().any(|ignored| name == *ignored);
        // Symbolic links may form a cycle.
        let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if !hidden && !ignored && !link && name != "Cargo.lock" && snapshot.len() < MAX_FILES {
            add_files(&entry.path(), snapshot);
        }
    }
}

/// One message per line `b` on standard input, which is read on a thread that ends with the process.
pub(super) fn buy_keys() -> mpsc::Receiver<()> {
    let (typed, keys) = mpsc::channel(1);
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line.trim() == "b" && typed.blocking_send(()).is_err() {
                return;
            }
        }
    };
    // If the thread cannot be started, only typing `b` does not work.
    let _ = std::thread::Builder::new().name("dev-keys".into()).spawn(read);
    keys
}
