//! The cart size at which a limit is reached.

use serde::Serialize;

use super::series::{CartCost, NoAnswer};
use crate::cli::plugin::faults::bytes;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::limits::Limits;

/// Above this many lines cart size is not the limiting factor.
const MAX_LINES: u64 = 1_000_000;

/// A resource of a call that has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Resource {
    /// CPU time, in microseconds. The host counts ticks of a millisecond.
    Cpu,
    /// Linear memory, in bytes.
    Memory,
    /// Size of the answer, in bytes.
    Answer,
}

/// The cart size at which a limit is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LimitProjection {
    /// The resource that is limited.
    pub(super) limit: Resource,
    /// Value of the limit, in microseconds or bytes.
    pub(super) allowed: u64,
    /// Smallest cart that needs more; `None` if cart size makes no difference, or if it is not known.
    pub(super) lines: Option<u64>,
    /// Whether a cart of that size was tried, rather than extrapolated.
    pub(super) measured: bool,
    /// Size of the cart that got no answer, if that is why `lines` is not known.
    #[serde(rename = "silent_at")]
    pub(super) no_answer_at: Option<u64>,
}

impl Resource {
    pub(super) const ALL: [Self; 3] = [Self::Cpu, Self::Memory, Self::Answer];

    /// How much of the resource a call used.
    pub(super) fn used(self, row: &CartCost) -> u64 {
        match self {
            Self::Cpu => u64::try_from(row.elapsed.as_micros()).unwrap_or(u64::MAX),
            Self::Memory => row.memory_bytes as u64,
            Self::Answer => row.answer_bytes as u64,
        }
    }

    /// Limit of the resource for a call of this function.
    pub(super) fn allowed(self, function: Function, limits: &Limits) -> u64 {
        let of_call = limits.of(function.kind());
        match self {
            Self::Cpu => of_call.cpu_ms * 1_000,
            Self::Memory => of_call.memory_bytes as u64,
            Self::Answer => of_call.guest_to_host_bytes as u64,
        }
    }
}

impl LimitProjection {
    pub(super) const fn measured(limit: Resource, allowed: u64, lines: usize) -> Self {
        Self {
            limit,
            allowed,
            lines: Some(lines as u64),
            measured: true,
            no_answer_at: None,
        }
    }

    /// If there was no answer: the missing answer is due to that limit, or leaves it unknown.
    pub(super) fn without_answer(limit: Resource, allowed: u64, no_answer: &NoAnswer) -> Self {
        if no_answer.exhausted == Some(limit) {
            return Self::measured(limit, allowed, no_answer.lines);
        }
        Self {
            limit,
            allowed,
            lines: None,
            measured: false,
            no_answer_at: Some(no_answer.lines as u64),
        }
    }

    /// The limit as text: `50 ms of CPU`, `32 MiB of memory`.
    pub(super) fn name(&self) -> String {
        let size = || bytes(usize::try_from(self.allowed).unwrap_or(usize::MAX));
        match self.limit {
            Resource::Cpu => format!("{} ms of CPU", self.allowed / 1_000),
            Resource::Memory => format!("{} of memory", size()),
            Resource::Answer => format!("{} of answer", size()),
        }
    }
}

/// The largest measured size within the limit and the smallest beyond it, if any is beyond.
pub(super) fn bracket(
    rows: &[CartCost],
    resource: Resource,
    function: Function,
    limits: &Limits,
) -> Option<(usize, usize)> {
    let allowed = resource.allowed(function, limits);
    let at = rows.iter().position(|row| resource.used(row) > allowed)?;
    let below = at.checked_sub(1).and_then(|before| rows.get(before));
    Some((below.map_or(0, |row| row.lines), rows.get(at)?.lines))
}

/// Extrapolate linearly to the limit, from the largest size and one that is at most a tenth of it.
pub(super) fn extrapolated(
    rows: &[CartCost],
    resource: Resource,
    function: Function,
    limits: &Limits,
) -> LimitProjection {
    let allowed = resource.allowed(function, limits);
    let last = rows.last();
    // Not the neighbour: memory grows by pages, so neighbouring sizes may use the same amount.
    let from = last.and_then(|last| rows.iter().rev().find(|row| row.lines * 10 <= last.lines));
    let lines = from.zip(last).and_then(|(from, last)| {
        let more = resource
            .used(last)
            .checked_sub(resource.used(from))
            .filter(|more| *more > 0)?;
        let room = allowed.saturating_sub(resource.used(last));
        let lines = (last.lines - from.lines) as u64;
        let at = last.lines as u64 + room.saturating_mul(lines) / more;
        (at <= MAX_LINES).then_some(at)
    });
    LimitProjection {
        limit: resource,
        allowed,
        lines,
        measured: false,
        no_answer_at: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(lines: usize, micros: u64) -> CartCost {
        CartCost {
            lines,
            elapsed: Duration::from_micros(micros),
            memory_bytes: 1 << 17,
            answer_bytes: lines * 100,
            instructions: None,
        }
    }

    #[test]
    fn a_limit_is_met_between_two_sizes() {
        let limits = Limits::default();
        let rows = [row(1, 100), row(100, 49_000), row(200, 51_000)];
        assert_eq!(
            bracket(&rows, Resource::Cpu, Function::Price, &limits),
            Some((100, 200))
        );
        assert_eq!(bracket(&rows[..2], Resource::Cpu, Function::Price, &limits), None);
        assert_eq!(
            bracket(&rows[2..], Resource::Cpu, Function::Price, &limits),
            Some((0, 200))
        );
    }

    #[test]
    fn what_grows_evenly_is_extrapolated_and_what_does_not_grow_is_not() {
        let limits = Limits::default();
        let rows = [row(10, 1_000), row(100, 10_000)];
        let of = |resource| extrapolated(&rows, resource, Function::Price, &limits).lines;
        assert_eq!(of(Resource::Cpu), Some(500));
        assert_eq!(of(Resource::Answer), Some((1 << 20) / 100));
        assert_eq!(of(Resource::Memory), None);
    }

    #[test]
    fn a_missing_answer_reaches_the_exhausted_limit_and_leaves_the_others_unknown() {
        let no_answer = |exhausted| NoAnswer {
            lines: 100,
            why: "there was no answer".to_owned(),
            exhausted,
        };
        let met = LimitProjection::without_answer(Resource::Cpu, 50_000, &no_answer(Some(Resource::Cpu)));
        assert_eq!((met.lines, met.measured, met.no_answer_at), (Some(100), true, None));
        for resource in Resource::ALL {
            let unknown = LimitProjection::without_answer(resource, 50_000, &no_answer(None));
            assert_eq!(
                (unknown.lines, unknown.measured, unknown.no_answer_at),
                (None, false, Some(100))
            );
        }
    }
}
