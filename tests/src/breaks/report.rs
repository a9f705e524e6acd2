//! Which breaks were noticed, and by what.

use std::fmt;

use serde_json::{Value, json};

use super::patch::Patch;
use super::trial::{Trial, Verdict};

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// In the order in which they were tried.
    pub breaks: Vec<Break>,
}

/// A break that was tried.
#[derive(Debug)]
pub struct Break {
    /// Which.
    pub patch: Patch,
    /// How.
    pub outcome: Outcome,
}

/// What became of a broken host.
#[derive(Debug)]
pub enum Outcome {
    /// What each test said.
    Tested(Vec<(Trial, Verdict)>),
    /// It could not be built: nothing is proven.
    Untested(String),
}

impl Break {
    /// Whether every test that must notice did: those that cannot run here left out, if any is left.
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
    /// How many breaks went unnoticed.
    #[must_use]
    pub fn unnoticed(&self) -> usize {
        self.breaks.iter().filter(|broken| !broken.is_noticed()).count()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let breaks: Vec<Value> = self.breaks.iter().map(Break::to_json).collect();
        json!({"breaks": breaks, "unnoticed": self.unnoticed()})
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.breaks.iter().map(|broken| broken.patch.name.len());
        let width = names.max().unwrap_or_default().max("break".len());
        writeln!(f, "{:<width$}  noticed  by", "break")?;
        for broken in &self.breaks {
            let noticed = if broken.is_noticed() { "yes" } else { "NO" };
            let mut head = (broken.patch.name.as_str(), noticed);
            for line in broken.lines() {
                writeln!(f, "{:<width$}  {:<7}  {line}", head.0, head.1)?;
                head = ("", "");
            }
        }
        write!(f, "{} breaks, {} unnoticed", self.breaks.len(), self.unnoticed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(verdicts: &[Verdict]) -> Break {
        let trial = |(n, verdict): (usize, &Verdict)| (Trial::parse(&format!("suite t{n}")).unwrap(), *verdict);
        Break {
            patch: Patch::named("broken"),
            outcome: Outcome::Tested(verdicts.iter().enumerate().map(trial).collect()),
        }
    }

    #[test]
    fn a_break_is_noticed_when_all_tests_that_can_run_fail() {
        use Verdict::{Failed, Ignored, Missing, Passed, Stuck};
        for verdicts in [&[Failed][..], &[Failed, Ignored]] {
            assert!(broken(verdicts).is_noticed(), "{verdicts:?}");
        }
        for verdicts in [&[][..], &[Ignored], &[Failed, Passed], &[Failed, Missing], &[Stuck]] {
            assert!(!broken(verdicts).is_noticed(), "{verdicts:?}");
        }
    }

    #[test]
    fn what_does_not_build_proves_nothing() {
        let report = Report {
            breaks: vec![Break {
                outcome: Outcome::Untested("it does not build".to_owned()),
                ..broken(&[])
            }],
        };
        assert_eq!(report.unnoticed(), 1);
        assert!(report.to_string().contains("it does not build"));
    }
}
