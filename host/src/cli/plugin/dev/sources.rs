//! Following a plugin's sources: looked at every now and then, built when they came to rest after a change.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc;

use crate::cli::plugin::given::Given;
use crate::cli::plugin::subject::{Found, Subject};
use crate::cli::plugin::wrong::Wrong;

/// How often the files are looked at. A handful of them: cheaper than a dependency that is told of changes, and the same on
/// every file system.
const EVERY: Duration = Duration::from_millis(300);

/// Folders that hold no sources.
const ASIDE: [&str; 2] = ["target", "node_modules"];

/// Most files that are looked at: whoever points at a whole disk is not served by a plugin's host.
const MOST: usize = 10_000;

/// What came of a change.
#[derive(Debug)]
pub(super) enum Change {
    /// A plugin as it can be loaded, its configuration, and how long the build took.
    Built(Box<Subject>, BTreeMap<String, String>, Duration),
    /// Nothing, for a reason.
    Refused(String),
}

/// The files of a plugin.
#[derive(Debug)]
pub(super) struct Watched {
    roots: Vec<PathBuf>,
    /// As they were when the release in force was built.
    built: Look,
}

/// When each file was written, and its size.
type Look = BTreeMap<PathBuf, (SystemTime, u64)>;

impl Watched {
    /// The sources, the manifest and the configuration, as they are now: before they are built, so that a change meanwhile is
    /// seen.
    pub(super) fn of(found: &Found, config: Option<PathBuf>) -> Self {
        let sources = found.made_of().to_path_buf();
        let roots: Vec<PathBuf> = [sources, found.manifest.clone()].into_iter().chain(config).collect();
        Self {
            built: look(&roots),
            roots,
        }
    }
}

/// Build on every change until nobody listens any more.
pub(super) async fn follow(mut watched: Watched, found: Found, given: Given, changes: mpsc::Sender<Change>) {
    let mut last = watched.built.clone();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = look(&watched.roots);
        // An editor writes several files: they are at rest when two looks agree.
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
    // A file that is gone when it is looked at is a change, and the build says so.
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
        // A link may lead to where one came from.
        let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if !hidden && !aside && !link && name != "Cargo.lock" && found.len() < MOST {
            add(&entry.path(), found);
        }
    }
}

/// Every `b` that is typed. Ends with standard input; reading it has a thread of its own, which ends with the process.
pub(super) fn keys() -> mpsc::Receiver<()> {
    let (typed, keys) = mpsc::channel(1);
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line.trim() == "b" && typed.blocking_send(()).is_err() {
                return;
            }
        }
    };
    // Without the thread there is no typing, and everything else works.
    let _ = std::thread::Builder::new().name("till-keys".into()).spawn(read);
    keys
}
