//! One function over carts of growing size.

use std::time::Duration;

use super::SIZES;
use super::carts::Carts;
use super::reach::{self, Reach, Resource};
use crate::cli::plugin::wrong::Wrong;
use crate::plugin::function::Function;
use crate::plugin::limits::Limits;
use crate::plugin::trial::{Answer, Question, Trial, Tried};

/// The longest call that is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The most memory that a call may have.
pub(super) const MEMORY: usize = 512 << 20;

/// Carts grow no further after a call of this length.
const LONG: Duration = Duration::from_secs(1);

/// Calls of a size beyond those that are always measured.
const BEYOND: u16 = 3;

/// A call before any is measured.
const WARM_UP: u16 = 3;

/// What carts of one size cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) lines: usize,
    /// Median of the calls.
    pub(super) elapsed: Duration,
    pub(super) memory_bytes: usize,
    pub(super) answer_bytes: usize,
    /// Counted afterwards, and only of the sizes that are always measured.
    pub(super) instructions: Option<u64>,
}

/// A size at which there was no answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) lines: usize,
    pub(super) why: String,
}

/// A function's rows, by growing size.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) function: Function,
    pub(super) rows: Vec<Row>,
    pub(super) reaches: Vec<Reach>,
    pub(super) silence: Option<Silence>,
}

impl Series {
    pub(super) const fn new(function: Function) -> Self {
        Self {
            function,
            rows: Vec::new(),
            reaches: Vec::new(),
            silence: None,
        }
    }

    /// Measure the usual sizes, then larger ones until every limit is met, or the bound; and find out where each was met.
    pub(super) async fn grow(&mut self, trial: &Trial, carts: &Carts, samples: u16, up_to: u32) -> Result<(), Wrong> {
        let usual = SIZES.into_iter().map(|lines| (lines, samples));
        let bound = usize::try_from(up_to).unwrap_or(usize::MAX);
        let largest = SIZES.into_iter().max().unwrap_or(1);
        let beyond = std::iter::successors(Some(largest * 2), |lines| lines.checked_mul(2));
        let beyond = beyond.take_while(|lines| *lines <= bound).map(|lines| (lines, BEYOND));
        let limits = Limits::default();
        for (lines, samples) in usual.chain(beyond) {
            let open = |resource: &Resource| reach::met(&self.rows, *resource, self.function, &limits).is_none();
            if lines > largest && (!Resource::ALL.iter().any(open) || self.is_slow()) {
                break;
            }
            match self.row(trial, carts, lines, samples).await? {
                Ok(row) => self.rows.push(row),
                Err(why) => {
                    self.silence = Some(Silence { lines, why });
                    break;
                }
            }
        }
        for resource in Resource::ALL {
            let reach = self.reach(trial, carts, resource, &limits).await?;
            self.reaches.push(reach);
        }
        Ok(())
    }

    fn is_slow(&self) -> bool {
        self.rows.last().is_some_and(|row| row.elapsed > LONG)
    }

    /// The cart at which a limit is met: measured between the sizes around it, or extrapolated from the largest ones.
    async fn reach(&self, trial: &Trial, carts: &Carts, resource: Resource, limits: &Limits) -> Result<Reach, Wrong> {
        let Some((mut below, mut above)) = reach::met(&self.rows, resource, self.function, limits) else {
            return Ok(reach::extrapolated(&self.rows, resource, self.function, limits));
        };
        let allowed = resource.allowed(self.function, limits);
        // To a hundredth: the next machine is more different than that.
        while above - below > 1 + below / 100 {
            let middle = below.midpoint(above);
            match self.row(trial, carts, middle, BEYOND).await? {
                Ok(row) if resource.used(&row) <= allowed => below = middle,
                _ => above = middle,
            }
        }
        Ok(Reach::measured(resource, allowed, above))
    }

    /// Count the instructions of the usual sizes.
    pub(super) async fn count(&mut self, trial: &Trial, carts: &Carts) -> Result<(), Wrong> {
        let usual = |row: &&mut Row| SIZES.contains(&row.lines);
        for row in self.rows.iter_mut().filter(usual) {
            let tried = ask(trial, carts, self.function, row.lines).await?;
            row.instructions = Some(tried.record.instructions);
        }
        Ok(())
    }

    /// What a cart of this size costs, or why there is no answer.
    async fn row(
        &self,
        trial: &Trial,
        carts: &Carts,
        lines: usize,
        samples: u16,
    ) -> Result<Result<Row, String>, Wrong> {
        let mut times = Vec::new();
        let (mut memory_bytes, mut answer_bytes) = (0, 0);
        for call in 0..samples.saturating_add(WARM_UP) {
            let tried = ask(trial, carts, self.function, lines).await?;
            if let Some(why) = silence(&tried) {
                return Ok(Err(why));
            }
            memory_bytes = memory_bytes.max(tried.record.memory_bytes);
            answer_bytes = answer_bytes.max(tried.answer_bytes);
            if call >= WARM_UP {
                times.push(tried.elapsed);
            }
        }
        times.sort_unstable();
        Ok(Ok(Row {
            lines,
            elapsed: times.get(times.len() / 2).copied().unwrap_or_default(),
            memory_bytes,
            answer_bytes,
            instructions: None,
        }))
    }
}

async fn ask(trial: &Trial, carts: &Carts, function: Function, lines: usize) -> Result<Tried, Wrong> {
    let mut question = Question::of(function, carts.currency);
    question.arguments = carts.question(function, lines);
    question.commit = false;
    question.held_to_contract = false;
    let tried = trial.call(question).await;
    tried.map_err(|error| Wrong::Plugin(format!("{}: {error}", function.name())))
}

/// Why an answer is none.
fn silence(tried: &Tried) -> Option<String> {
    match &tried.answer {
        Answer::Value(_) => None,
        Answer::Failure(failure) => Some(format!("no decision: {failure}")),
        Answer::Fault(error) => Some(error.to_string()),
    }
}
