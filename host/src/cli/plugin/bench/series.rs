//! One function over carts of growing size.

use std::time::Duration;

use super::arguments;
use super::limit_projection::{self, LimitProjection, Resource};
use super::{LARGEST, SIZES};
use crate::cli::plugin::error::VerbError;
use crate::cli::plugin::sample_carts::SampleCarts;
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;
use tillhouse_runtime::trial::{Trial, TrialAnswer, TrialReport, TrialRequest};

/// Time limit of a measured call.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Memory limit of a measured call, in bytes.
pub(super) const MEMORY_LIMIT: usize = 512 << 20;

/// Carts do not grow further once calls take longer than this.
const SLOW_CALL: Duration = Duration::from_secs(1);

/// Number of calls for each size beyond those that are always measured.
const SAMPLES_BEYOND: u16 = 3;

/// Number of calls of each size before the first measured one.
pub(super) const WARM_UP: u16 = 3;

/// Cost of carts of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CartCost {
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
pub(super) struct NoAnswer {
    pub(super) lines: usize,
    pub(super) why: String,
    /// The exhausted resource, if that is the reason.
    pub(super) exhausted: Option<Resource>,
}

/// Measurements of a function, by increasing cart size.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) function: Function,
    pub(super) rows: Vec<CartCost>,
    pub(super) projections: Vec<LimitProjection>,
    pub(super) no_answer: Option<NoAnswer>,
}

impl Series {
    pub(super) const fn new(function: Function) -> Self {
        Self {
            function,
            rows: Vec::new(),
            projections: Vec::new(),
            no_answer: None,
        }
    }

    /// Measure the usual sizes, then larger ones until every limit or the bound is reached; then locate each limit.
    pub(super) async fn measure(
        &mut self,
        trial: &Trial,
        carts: &SampleCarts,
        samples: u16,
        up_to: u32,
    ) -> Result<(), VerbError> {
        let usual = SIZES.into_iter().map(|lines| (lines, samples));
        let bound = usize::try_from(up_to).unwrap_or(usize::MAX);
        let beyond = std::iter::successors(Some(LARGEST * 2), |lines| lines.checked_mul(2));
        let beyond = beyond
            .take_while(|lines| *lines <= bound)
            .map(|lines| (lines, SAMPLES_BEYOND));
        let limits = Limits::default();
        for (lines, samples) in usual.chain(beyond) {
            let open = |resource: &Resource| {
                limit_projection::bracket(&self.rows, *resource, self.function, &limits).is_none()
            };
            if lines > LARGEST && (!Resource::ALL.iter().any(open) || self.is_slow()) {
                break;
            }
            match self.measure_size(trial, carts, lines, samples).await? {
                Ok(row) => self.rows.push(row),
                Err(no_answer) => {
                    self.no_answer = Some(no_answer);
                    break;
                }
            }
        }
        for resource in Resource::ALL {
            let projection = self.project_limit(trial, carts, resource, &limits).await?;
            self.projections.push(projection);
        }
        Ok(())
    }

    fn is_slow(&self) -> bool {
        self.rows.last().is_some_and(|row| row.elapsed > SLOW_CALL)
    }

    /// The cart size at which a limit is reached: measured between the sizes around it, or extrapolated from the largest ones.
    /// Beyond a missing answer nothing is extrapolated.
    async fn project_limit(
        &self,
        trial: &Trial,
        carts: &SampleCarts,
        resource: Resource,
        limits: &Limits,
    ) -> Result<LimitProjection, VerbError> {
        let allowed = resource.allowed(self.function, limits);
        let Some((mut below, mut above)) = limit_projection::bracket(&self.rows, resource, self.function, limits)
        else {
            return Ok(match &self.no_answer {
                Some(no_answer) => LimitProjection::without_answer(resource, allowed, no_answer),
                None => limit_projection::extrapolated(&self.rows, resource, self.function, limits),
            });
        };
        // One percent is precise enough: machines differ by more.
        while above - below > 1 + below / 100 {
            let middle = below.midpoint(above);
            match self.measure_size(trial, carts, middle, SAMPLES_BEYOND).await? {
                Ok(row) if resource.used(&row) <= allowed => below = middle,
                _ => above = middle,
            }
        }
        Ok(LimitProjection::measured(resource, allowed, above))
    }

    /// Count the instructions of the usual sizes.
    pub(super) async fn count_instructions(&mut self, trial: &Trial, carts: &SampleCarts) -> Result<(), VerbError> {
        let usual = |row: &&mut CartCost| SIZES.contains(&row.lines);
        for row in self.rows.iter_mut().filter(usual) {
            let tried = call(trial, carts, self.function, row.lines).await?;
            row.instructions = Some(tried.record.instructions);
        }
        Ok(())
    }

    /// Cost of a cart of this size, or why there is no answer.
    async fn measure_size(
        &self,
        trial: &Trial,
        carts: &SampleCarts,
        lines: usize,
        samples: u16,
    ) -> Result<Result<CartCost, NoAnswer>, VerbError> {
        let mut times = Vec::new();
        let (mut memory_bytes, mut answer_bytes) = (0, 0);
        for round in 0..samples.saturating_add(WARM_UP) {
            let tried = call(trial, carts, self.function, lines).await?;
            if let Some(no_answer) = no_answer(lines, self.function, &tried) {
                return Ok(Err(no_answer));
            }
            memory_bytes = memory_bytes.max(tried.record.memory_bytes);
            answer_bytes = answer_bytes.max(tried.answer_bytes);
            if round >= WARM_UP {
                times.push(tried.elapsed);
            }
        }
        Ok(Ok(CartCost {
            lines,
            elapsed: median(times),
            memory_bytes,
            answer_bytes,
            instructions: None,
        }))
    }
}

/// The median; zero without times.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn call(trial: &Trial, carts: &SampleCarts, function: Function, lines: usize) -> Result<TrialReport, VerbError> {
    let mut request = TrialRequest::of(function, carts.currency);
    request.arguments = arguments::of(function, carts, lines);
    request.commit = false;
    let tried = trial.call(request).await;
    tried.map_err(|error| VerbError::Plugin(format!("{}: {error}", function.name())))
}

/// Why a call gave no answer; `None` if it did.
fn no_answer(lines: usize, function: Function, tried: &TrialReport) -> Option<NoAnswer> {
    let (why, exhausted) = match &tried.answer {
        TrialAnswer::Value(_) => return None,
        TrialAnswer::Failure(failure) => (format!("no decision: {failure}"), None),
        TrialAnswer::Fault(error) => match fault_name(error) {
            // The contract's limits apply to carts that hosts accept; beyond, only the cost is of interest.
            Some(PluginFault::Contract) if lines > LARGEST => return None,
            fault => (
                error.to_string(),
                exhausted_resource(fault, function, tried.answer_bytes),
            ),
        },
    };
    Some(NoAnswer { lines, why, exhausted })
}

const fn fault_name(error: &DecisionError) -> Option<PluginFault> {
    match error {
        DecisionError::Fault { fault, .. } => Some(*fault),
        _ => None,
    }
}

/// The resource whose exhaustion a fault means.
///
/// A call that runs into the time limit here has long exceeded a host's CPU limit, and an answer may break the contract because
/// of its length.
fn exhausted_resource(fault: Option<PluginFault>, function: Function, answer_bytes: usize) -> Option<Resource> {
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

    fn tried(answer: TrialAnswer) -> TrialReport {
        TrialReport {
            answer,
            record: Record::default(),
            elapsed: Duration::ZERO,
            answer_bytes: 100,
        }
    }

    fn fault(fault: PluginFault) -> TrialReport {
        tried(TrialAnswer::Fault(DecisionError::Fault {
            plugin: "shop".to_owned(),
            function: "pricing.price",
            fault,
            detail: "it ended".to_owned(),
        }))
    }

    fn exhausted(tried: &TrialReport) -> Option<Resource> {
        no_answer(100, Function::Price, tried).unwrap().exhausted
    }

    #[test]
    fn a_missing_answer_names_the_limit_that_ended_the_call() {
        assert_eq!(exhausted(&fault(PluginFault::CpuBudget)), Some(Resource::Cpu));
        assert_eq!(exhausted(&fault(PluginFault::WallClock)), Some(Resource::Cpu));
        assert_eq!(exhausted(&fault(PluginFault::Memory)), Some(Resource::Memory));
        assert_eq!(exhausted(&fault(PluginFault::Trap)), None);
        assert_eq!(exhausted(&tried(TrialAnswer::Failure(json!("unsupported")))), None);
        assert_eq!(
            no_answer(1, Function::Price, &tried(TrialAnswer::Value(json!({})))),
            None
        );
    }

    #[test]
    fn the_contract_does_not_limit_carts_above_the_maximum() {
        let broken = fault(PluginFault::Contract);
        assert_eq!(exhausted(&broken), None);
        assert_eq!(no_answer(400, Function::Price, &broken), None);
        let long = TrialReport {
            answer_bytes: 4 << 20,
            ..broken
        };
        assert_eq!(exhausted(&long), Some(Resource::Answer));
    }
}
