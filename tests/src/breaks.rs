//! Mutants of the host: each patch of `tests/breaks` breaks one promise of the saga, and the tests that it names must fail.
//!
//! The sources are copied below the target folder, patched there, built and tested; the workspace itself is not modified.

mod cargo;
mod diff;
mod patch;
mod report;
mod tree;
mod trial;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use patch::Patch;
pub use report::{Break, Outcome, Report};
pub use trial::{Trial, Verdict};

use cargo::{Executables, Workshop};

/// Called with a line of progress.
pub type Tell = fn(&str);

/// The patches, sorted by name.
///
/// # Errors
/// Why the first unreadable patch cannot be read.
pub fn patches(workspace: &Path) -> Result<Vec<Patch>, String> {
    let folder = workspace.join("tests/breaks");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().map(|file| Patch::read(file)).collect()
}

/// Builds and tests the host with each of these patches, after the tests have passed on the unmodified host. `tell` gets the
/// progress.
///
/// # Errors
/// When nothing can be concluded: the copy cannot be made, or the tests fail on the unmodified host.
pub async fn run(workspace: &Path, patches: Vec<Patch>, tell: Tell) -> Result<Report, String> {
    let workshop = Workshop::open(workspace)?;
    let trials: BTreeSet<Trial> = patches.iter().flat_map(|patch| patch.noticed_by.clone()).collect();
    sound(&workshop, &trials, tell).await?;
    let mut breaks = Vec::new();
    for patch in patches {
        tell(&format!("== {}", patch.name));
        let outcome = match broken(&workshop, &patch) {
            Ok(executables) => Outcome::Tested(verdicts(&workshop, &executables, &patch.noticed_by, tell).await),
            Err(error) => Outcome::Untested(error),
        };
        breaks.push(Break { patch, outcome });
    }
    Ok(Report { breaks })
}

/// Checks that the tests pass on the unmodified host, so that a later failure is caused by the patch.
async fn sound(workshop: &Workshop, trials: &BTreeSet<Trial>, tell: Tell) -> Result<(), String> {
    tell("== the unmodified host");
    workshop.fetch()?;
    let executables = workshop.build(&targets(trials))?;
    let verdicts = verdicts(workshop, &executables, trials, tell).await;
    let failed = |(_, verdict): &&(Trial, Verdict)| !matches!(verdict, Verdict::Passed | Verdict::Ignored);
    match verdicts.iter().find(failed) {
        None => Ok(()),
        Some((trial, verdict)) => Err(format!("{trial} {verdict} on the unmodified host")),
    }
}

/// Builds the tests of a patched host, then restores its sources.
fn broken(workshop: &Workshop, patch: &Patch) -> Result<Executables, String> {
    let broken = patch.applied_to(workshop.folder())?;
    let sound = workshop.swap(&broken)?;
    let executables = workshop.build(&targets(&patch.noticed_by));
    workshop.swap(&sound)?;
    executables
}

async fn verdicts<'a>(
    workshop: &Workshop,
    executables: &Executables,
    trials: impl IntoIterator<Item = &'a Trial>,
    tell: Tell,
) -> Vec<(Trial, Verdict)> {
    let mut verdicts = Vec::new();
    for trial in trials {
        let verdict = match executables.get(trial.target.as_str()) {
            Some(executable) => workshop.run(executable, trial).await,
            None => Verdict::Missing,
        };
        tell(&format!("   {trial} {verdict}"));
        verdicts.push((trial.clone(), verdict));
    }
    verdicts
}

fn targets<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> BTreeSet<&'a str> {
    trials.into_iter().map(|trial| trial.target.as_str()).collect()
}
