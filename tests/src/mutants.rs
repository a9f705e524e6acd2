//! Mutants of the host: each patch of `tests/mutants` breaks one promise about payments, and the tests that it names must fail.
//!
//! The sources are copied below the target folder, patched there, built and tested; the workspace itself is not modified.

mod diff;
mod patch;
mod report;
mod tree;
mod trial;
mod working_copy;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use patch::Patch;
pub use report::{MutantResult, Outcome, Report};
pub use trial::{Trial, Verdict};

use working_copy::{Executables, WorkingCopy};

/// Called with a line of progress.
pub type Progress = fn(&str);

/// The patches, sorted by name.
///
/// # Errors
/// Why the first unreadable patch cannot be read.
pub fn patches(workspace: &Path) -> Result<Vec<Patch>, String> {
    let folder = workspace.join("tests/mutants");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().map(|file| Patch::read(file)).collect()
}

/// Builds and tests the host with each of these patches, after the tests have passed on the unmodified host. `progress` is called
/// with each line of progress.
///
/// # Errors
/// When nothing can be concluded: the copy cannot be made, or the tests fail on the unmodified host.
pub async fn run(workspace: &Path, patches: Vec<Patch>, progress: Progress) -> Result<Report, String> {
    let working_copy = WorkingCopy::open(workspace)?;
    let trials: BTreeSet<Trial> = patches.iter().flat_map(|patch| patch.noticed_by.clone()).collect();
    check_unmodified_host(&working_copy, &trials, progress).await?;
    let mut results = Vec::new();
    for patch in patches {
        progress(&format!("== {}", patch.name));
        let outcome = match build_mutant(&working_copy, &patch) {
            Ok(executables) => {
                Outcome::Tested(run_trials(&working_copy, &executables, &patch.noticed_by, progress).await)
            }
            Err(error) => Outcome::Untested(error),
        };
        results.push(MutantResult { patch, outcome });
    }
    Ok(Report { results })
}

/// Checks that the tests pass on the unmodified host, so that a later failure is caused by the patch.
async fn check_unmodified_host(
    working_copy: &WorkingCopy,
    trials: &BTreeSet<Trial>,
    progress: Progress,
) -> Result<(), String> {
    progress("== the unmodified host");
    working_copy.update()?;
    let executables = working_copy.build(&test_targets(trials))?;
    let verdicts = run_trials(working_copy, &executables, trials, progress).await;
    let failed = |(_, verdict): &&(Trial, Verdict)| !matches!(verdict, Verdict::Passed | Verdict::Ignored);
    match verdicts.iter().find(failed) {
        None => Ok(()),
        Some((trial, verdict)) => Err(format!("{trial} {verdict} on the unmodified host")),
    }
}

/// Builds the tests of a patched host, then restores its sources.
fn build_mutant(working_copy: &WorkingCopy, patch: &Patch) -> Result<Executables, String> {
    let patched = patch.applied_to(working_copy.folder())?;
    let originals = working_copy.swap(&patched)?;
    let executables = working_copy.build(&test_targets(&patch.noticed_by));
    working_copy.swap(&originals)?;
    executables
}

async fn run_trials<'a>(
    working_copy: &WorkingCopy,
    executables: &Executables,
    trials: impl IntoIterator<Item = &'a Trial>,
    progress: Progress,
) -> Vec<(Trial, Verdict)> {
    let mut verdicts = Vec::new();
    for trial in trials {
        let verdict = match executables.get(trial.target.as_str()) {
            Some(executable) => working_copy.run(executable, trial).await,
            None => Verdict::Missing,
        };
        progress(&format!("   {trial} {verdict}"));
        verdicts.push((trial.clone(), verdict));
    }
    verdicts
}

fn test_targets<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> BTreeSet<&'a str> {
    trials.into_iter().map(|trial| trial.target.as_str()).collect()
}
