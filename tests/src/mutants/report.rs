//! The report of a run: which mutants were noticed, and by which tests.

use std::fmt;

use serde_json::{Value, json};

use super::patch::Patch;
use super::trial::{Trial, Verdict};

/// The results of all mutants of a run.
#[derive(Debug)]
pub struct Report {
    /// The results, in the order in which the mutants were tested.
    pub results: Vec<MutantResult>,
}

/// The result of one mutant.
#[derive(Debug)]
pub struct MutantResult {
    /// The patch that was applied.
    pub patch: Patch,
    /// Whether it was tested, and with what result.
    pub outcome: Outcome,
}

/// The outcome for a patched host.
#[derive(Debug)]
pub enum Outcome {
    /// The verdict of each test that must notice.
    Tested(Vec<(Trial, Verdict)>),
    /// The patched host could not be built, for this reason: nothing is proven.
    Untested(String),
}

impl MutantResult {
    /// Whether every test that must notice failed. Tests that cannot run here are ignored, but at least one must have run.
    #[must_use]
    pub fn is_noticed(&self) -> bool {
        let ran = |(_, verdict): &&(Trial, Verdict)| *verdict != Verdict::Ignored;
        match &self.outcome {
            Outcome::Tested(verdicts) => {
                let failed = |(_, verdict): &(Trial, Verdict)| *verdict == Verdict::Failed;
                verdicts.iter().any(failed) && verdicts.iter().filter(ran).all(failed)
            }
            Outcome::Untested(_) => false,
        }
    }

    fn lines(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Untested(error) => vec![error.clone()],
            Outcome::Tested(verdicts) => {
                let line = |(trial, verdict): &(Trial, Verdict)| match verdict {
                    Verdict::Failed => trial.to_string(),
                    other => format!("{trial} ({other})"),
                };
                verdicts.iter().map(line).collect()
            }
        }
    }

    fn to_json(&self) -> Value {
        let (tests, error) = match &self.outcome {
            Outcome::Tested(verdicts) => (verdicts.as_slice(), None),
            Outcome::Untested(error) => (&[][..], Some(error)),
        };
        let tests = tests
            .iter()
            .map(|(trial, verdict)| json!({"target": trial.target, "name": trial.name, "verdict": verdict.name()}));
        json!({
            "name": self.patch.name,
            "broken": self.patch.prose,
            "noticed": self.is_noticed(),
            "tests": tests.collect::<Vec<_>>(),
            "error": error,
        })
    }
}

impl Report {
    /// Number of mutants that were not noticed.
    #[must_use]
    pub fn unnoticed(&self) -> usize {
        self.results.iter().filter(|result| !result.is_noticed()).count()
    }

    /// The report as JSON, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let results: Vec<Value> = self.results.iter().map(MutantResult::to_json).collect();
        json!({"mutants": results, "unnoticed": self.unnoticed()})
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.results.iter().map(|result| result.patch.name.len());
        let width = names.max().unwrap_or_default().max("mutant".len());
        writeln!(f, "{:<width$}  noticed  by", "mutant")?;
        for result in &self.results {
            let noticed = if result.is_noticed() { "yes" } else { "NO" };
            let mut head = (result.patch.name.as_str(), noticed);
            for line in result.lines() {
                writeln!(f, "{:<width$}  {:<7}  {line}", head.0, head.1)?;
                head = ("", "");
            }
        }
        write!(f, "{} mutants, {} unnoticed", self.results.len(), self.unnoticed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result_of(verdicts: &[Verdict]) -> MutantResult {
        let trial = |(n, verdict): (usize, &Verdict)| (Trial::parse(&format!("suite t{n}")).unwrap(), *verdict);
        MutantResult {
            patch: Patch::named("broken"),
            outcome: Outcome::Tested(verdicts.iter().enumerate().map(trial).collect()),
        }
    }

    #[test]
    fn a_mutant_is_noticed_when_all_tests_that_can_run_fail() {
        use Verdict::{Failed, Ignored, Missing, Passed, Stuck};
        for verdicts in [&[Failed][..], &[Failed, Ignored]] {
            assert!(result_of(verdicts).is_noticed(), "{verdicts:?}");
        }
        for verdicts in [&[][..], &[Ignored], &[Failed, Passed], &[Failed, Missing], &[Stuck]] {
            assert!(!result_of(verdicts).is_noticed(), "{verdicts:?}");
        }
    }

    #[test]
    fn what_does_not_build_proves_nothing() {
        let report = Report {
            results: vec![MutantResult {
                outcome: Outcome::Untested("the build failed".to_owned()),
                ..result_of(&[])
            }],
        };
        assert_eq!(report.unnoticed(), 1);
        assert!(report.to_string().contains("the build failed"));
    }
}
