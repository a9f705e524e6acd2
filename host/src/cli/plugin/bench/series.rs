//! One function over carts of growing size.

use std::time::Duration;

use super::carts::Carts;
use super::reach::{self, Reach, Resource};
use super::{LARGEST, SIZES};
use crate::cli::plugin::wrong::Wrong;
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::trial::{Answer, Question, Trial, Tried};

/// Time limit of a measured call.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Memory limit of a measured call, in bytes.
pub(super) const MEMORY: usize = 512 << 20;

/// Carts do not grow further once calls take longer than this.
const LONG: Duration = Duration::from_secs(1);

/// Number of calls for each size beyond those that are always measured.
const BEYOND: u16 = 3;

/// Number of calls of each size before the first measured one.
const WARM_UP: u16 = 3;

/// Cost of carts of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) lines: usize,
    /// Median time of the calls.
    pub(super) elapsed: Duration,
    pub(super) memory_bytes: usize,
    pub(super) answer_bytes: usize,
    /// Counted in a second run, and only for the sizes that are always measured.
    pub(super) instructions: Option<u64>,
}

/// A size at which there was no answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) lines: usize,
    pub(super) why: String,
    /// The exhausted resource, if that is the reason.
    pub(super) of: Option<Resource>,
}

/// Measurements of a function, by increasing cart size.
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

    /// Measure the usual sizes, then larger ones until every limit or the bound is reached; then locate each limit.
    pub(super) async fn grow(&mut self, trial: &Trial, carts: &Carts, samples: u16, up_to: u32) -> Result<(), Wrong> {
        let usual = SIZES.into_iter().map(|lines| (lines, samples));
        let bound = usize::try_from(up_to).unwrap_or(usize::MAX);
        let beyond = std::iter::successors(Some(LARGEST * 2), |lines| lines.checked_mul(2));
        let beyond = beyond.take_while(|lines| *lines <= bound).map(|lines| (lines, BEYOND));
        let limits = Limits::default();
        for (lines, samples) in usual.chain(beyond) {
            let open = |resource: &Resource| reach::met(&self.rows, *resource, self.function, &limits).is_none();
            if lines > LARGEST && (!Resource::ALL.iter().any(open) || self.is_slow()) {
                break;
            }
            match self.row(trial, carts, lines, samples).await? {
                Ok(row) => self.rows.push(row),
                Err(silence) => {
                    self.silence = Some(silence);
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

    /// The cart size at which a limit is reached: measured between the sizes around it, or extrapolated from the largest ones.
    /// Beyond a missing answer nothing is extrapolated.
    async fn reach(&self, trial: &Trial, carts: &Carts, resource: Resource, limits: &Limits) -> Result<Reach, Wrong> {
        let allowed = resource.allowed(self.function, limits);
        let Some((mut below, mut above)) = reach::met(&self.rows, resource, self.function, limits) else {
            return Ok(match &self.silence {
                Some(silence) => Reach::silent(resource, allowed, silence),
                None => reach::extrapolated(&self.rows, resource, self.function, limits),
            });
        };
        // One percent is precise enough: machines differ by more.
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

    /// Cost of a cart of this size, or why there is no answer.
    async fn row(
        &self,
        trial: &Trial,
        carts: &Carts,
        lines: usize,
        samples: u16,
    ) -> Result<Result<Row, Silence>, Wrong> {
        let mut times = Vec::new();
        let (mut memory_bytes, mut answer_bytes) = (0, 0);
        for call in 0..samples.saturating_add(WARM_UP) {
            let tried = ask(trial, carts, self.function, lines).await?;
            if let Some(silence) = silence(lines, self.function, &tried) {
                return Ok(Err(silence));
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
    let tried = trial.call(question).await;
    tried.map_err(|error| Wrong::Plugin(format!("{}: {error}", function.name())))
}

/// Why a call gave no answer; `None` if it did.
fn silence(lines: usize, function: Function, tried: &Tried) -> Option<Silence> {
    let (why, of) = match &tried.answer {
        Answer::Value(_) => return None,
        Answer::Failure(failure) => (format!("no decision: {failure}"), None),
        Answer::Fault(error) => match named(error) {
            // The contract's limits apply to carts that hosts accept; beyond, only the cost is of interest.
            Some(PluginFault::Contract) if lines > LARGEST => return None,
            fault => (error.to_string(), run_out(fault, function, tried.answer_bytes)),
        },
    };
    Some(Silence { lines, why, of })
}

const fn named(error: &DecisionError) -> Option<PluginFault> {
    match error {
        DecisionError::Fault { fault, .. } => Some(*fault),
        _ => None,
    }
}

/// The resource whose exhaustion a fault means.
///
/// A call that runs into the time limit here has long exceeded a host's CPU limit, and an answer may break the contract because
/// of its length.
fn run_out(fault: Option<PluginFault>, function: Function, answer_bytes: usize) -> Option<Resource> {
    let allowed = Limits::default().of(function.kind()).guest_to_host_bytes;
    match fault? {
        PluginFault::CpuBudget | PluginFault::WallClock => Some(Resource::Cpu),
        PluginFault::Memory => Some(Resource::Memory),
        PluginFault::Contract if answer_bytes > allowed => Some(Resource::Answer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use tillhouse_runtime::record::Record;

    fn tried(answer: Answer) -> Tried {
        Tried {
            answer,
            record: Record::default(),
            elapsed: Duration::ZERO,
            answer_bytes: 100,
        }
    }

    fn fault(fault: PluginFault) -> Tried {
        tried(Answer::Fault(DecisionError::Fault {
            plugin: "shop".to_owned(),
            function: "pricing.price",
            fault,
            detail: "it ended".to_owned(),
        }))
    }

    fn of(tried: &Tried) -> Option<Resource> {
        silence(100, Function::Price, tried).unwrap().of
    }

    #[test]
    fn a_silence_is_of_the_limit_that_ended_the_call() {
        assert_eq!(of(&fault(PluginFault::CpuBudget)), Some(Resource::Cpu));
        assert_eq!(of(&fault(PluginFault::WallClock)), Some(Resource::Cpu));
        assert_eq!(of(&fault(PluginFault::Memory)), Some(Resource::Memory));
        assert_eq!(of(&fault(PluginFault::Trap)), None);
        assert_eq!(of(&tried(Answer::Failure(json!("unsupported")))), None);
        assert_eq!(silence(1, Function::Price, &tried(Answer::Value(json!({})))), None);
    }

    #[test]
    fn the_contract_is_no_limit_of_carts_that_nobody_asks_about() {
        let broken = fault(PluginFault::Contract);
        assert_eq!(of(&broken), None);
        assert_eq!(silence(400, Function::Price, &broken), None);
        let long = Tried {
            answer_bytes: 4 << 20,
            ..broken
        };
        assert_eq!(of(&long), Some(Resource::Answer));
    }
}
