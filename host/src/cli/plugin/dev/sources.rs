//! Watches a plugin's sources by polling, and rebuilds once they are stable after a change.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc;

use crate::cli::plugin::given::Given;
use crate::cli::plugin::subject::{Found, Subject};
use crate::cli::plugin::wrong::Wrong;

/// Polling interval. For a few files polling is cheap, needs no dependency, and works on every file system.
const EVERY: Duration = Duration::from_millis(300);

/// Folders that are not watched: they hold build output and dependencies.
const ASIDE: [&str; 2] = ["target", "node_modules"];

/// Maximum number of watched files, in case the folder is a whole disk.
const MOST: usize = 10_000;

/// Result of a change to the sources.
#[derive(Debug)]
pub(super) enum Change {
    /// A plugin as it can be loaded, its configuration, and how long the build took.
    Built(Box<Subject>, BTreeMap<String, String>, Duration),
    /// The build or the configuration failed, with the error.
    Refused(String),
}

/// The watched files, with their state at the last build.
#[derive(Debug)]
pub(super) struct Watched {
    roots: Vec<PathBuf>,
    /// State of the files when the last build started.
    built: Look,
}

/// Modification time and size of each file.
type Look = BTreeMap<PathBuf, (SystemTime, u64)>;

impl Watched {
    /// Watch the sources, the manifest and the configuration. Call it before the build, so that changes during the build are
    /// noticed.
    pub(super) fn of(found: &Found, config: Option<PathBuf>) -> Self {
        let sources = found.made_of().to_path_buf();
        let roots: Vec<PathBuf> = [sources, found.manifest.clone()].into_iter().chain(config).collect();
        Self {
            built: look(&roots),
            roots,
        }
    }
}

/// Rebuild on every change, until the receiver of `changes` is dropped.
pub(super) async fn follow(mut watched: Watched, found: Found, given: Given, changes: mpsc::Sender<Change>) {
    let mut last = watched.built.clone();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = look(&watched.roots);
        // Editors write several files: wait until two polls in a row see the same state.
        let at_rest = now == last;
        last = now;
        if !at_rest || last == watched.built {
            continue;
        }
        watched.built.clone_from(&last);
        let (of_build, of_config) = (found.clone(), given.clone());
        let built = tokio::task::spawn_blocking(move || build(&of_build, &of_config)).await;
        let change = match built {
            Ok(Ok(change)) => change,
            Ok(Err(wrong)) => Change::Refused(wrong.message()),
            Err(error) => Change::Refused(error.to_string()),
        };
        if changes.send(change).await.is_err() {
            return;
        }
    }
}

fn build(found: &Found, given: &Given) -> Result<Change, Wrong> {
    let began = Instant::now();
    let subject = found.build()?;
    given.judge(found, &subject)?;
    Ok(Change::Built(Box::new(subject), given.flat(found)?, began.elapsed()))
}

fn look(roots: &[PathBuf]) -> Look {
    let mut found = Look::new();
    for root in roots {
        add(root, &mut found);
    }
    found
}

fn add(path: &Path, found: &mut Look) {
    // A file that disappears counts as a change; the build reports it if it is needed.
    let Ok(meta) = std::fs::metadata(path) else { return };
    if meta.is_file() {
        let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        found.insert(path.to_path_buf(), (written, meta.len()));
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        let aside = ASIDE.iter().any(|aside| name == *aside);
        // Symbolic links may form a cycle.
        let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if !hidden && !aside && !link && name != "Cargo.lock" && found.len() < MOST {
            add(&entry.path(), found);
        }
    }
}

/// One message per line `b` on standard input, which is read on a thread that ends with the process.
pub(super) fn keys() -> mpsc::Receiver<()> {
    let (typed, keys) = mpsc::channel(1);
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line.trim() == "b" && typed.blocking_send(()).is_err() {
                return;
            }
        }
    };
    // If the thread cannot be started, only typing `b` does not work.
    let _ = std::thread::Builder::new().name("till-keys".into()).spawn(read);
    keys
}
