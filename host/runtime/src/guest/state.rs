//! What belongs to one instance: the data of its store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

use super::ended::Ended;
use super::footprint::{Footprint, Growth};
use super::lent::Lent;
use super::limits::{CORE_INSTANCES, CallLimits, MEMORIES, TABLES};
use super::output::Output;
use super::random;
use super::staging::Staging;
use super::surroundings::Surroundings;
use crate::api::function::{Access, Function};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::unit::Namespace;

/// The data of a store.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) around: Surroundings,
    pub(crate) namespace: Namespace,
    pub(crate) call: Call,
    pub(crate) lent: Option<Lent>,
    pub(crate) random: u64,
    footprint: Footprint,
}

/// The call in progress: what it may use and has used.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) limits: CallLimits,
    pub(crate) deadline: Instant,
    pub(crate) ticks: u64,
    pub(crate) random_bytes: usize,
    pub(crate) output: Output,
}

impl State {
    pub(crate) fn new(around: Surroundings, function: Function, limits: CallLimits) -> Self {
        let namespace = Namespace {
            merchant: around.merchant.clone(),
            plugin: around.grants.plugin().clone(),
        };
        let random = around.seed;
        let call = Call::begin(&around, function, limits);
        Self {
            around,
            namespace,
            call,
            lent: None,
            random,
            footprint: Footprint::default(),
        }
    }

    /// Begin another call in the same instance.
    pub(crate) fn begin(&mut self, function: Function, limits: CallLimits) {
        self.call = Call::begin(&self.around, function, limits);
    }

    /// Account for one epoch of guest CPU.
    ///
    /// # Errors
    /// When the CPU budget or the wall clock of the call is used up.
    pub(crate) fn tick(&mut self) -> Result<(), Ended> {
        self.call.ticks += 1;
        if self.call.ticks > self.call.limits.cpu_ticks {
            return Err(Ended::CpuBudget(self.call.limits.cpu_ticks));
        }
        if Instant::now() >= self.call.deadline {
            return Err(Ended::WallClock(self.call.limits.wall));
        }
        Ok(())
    }

    /// Wall clock left for the call.
    pub(crate) fn time_left(&self) -> Duration {
        self.call.deadline.saturating_duration_since(Instant::now())
    }

    /// The phase's plugin data, if the function being called may use it so; otherwise why not.
    pub(crate) fn data(&mut self, import: &str, wanted: Access) -> Result<(&mut Staging, &Namespace), String> {
        let function = self.call.function;
        if function.data() < wanted {
            let name = function.name();
            return Err(match wanted {
                Access::Write if function.data() == Access::Read => {
                    format!("{import} may not be used by {name}: it may read, not write")
                }
                _ => format!("{import} may not be used by {name}"),
            });
        }
        let left = self.time_left();
        match &mut self.lent {
            Some(lent) => {
                lent.staging.bound_reads(left);
                Ok((&mut lent.staging, &self.namespace))
            }
            None => Err(format!("{import} may not be used outside a phase")),
        }
    }

    /// The credential of the charge in progress.
    pub(crate) fn credential(&self) -> Option<&Arc<Credential>> {
        self.lent.as_ref()?.credential.as_ref()
    }

    /// The plugin's configuration.
    pub(crate) fn config(&self) -> &BTreeMap<String, String> {
        self.around.grants.config()
    }

    /// The next 64 pseudo-random bits.
    pub(crate) const fn random_u64(&mut self) -> u64 {
        random::next(&mut self.random)
    }
}

impl Call {
    fn begin(around: &Surroundings, function: Function, limits: CallLimits) -> Self {
        let output = Output::new(around, function, &limits);
        Self {
            function,
            deadline: Instant::now() + limits.wall,
            limits,
            ticks: 0,
            random_bytes: 0,
            output,
        }
    }
}

/// Own limiter instead of wasmtime's, so that an overflow has a type. Also asked for the memory that an instance begins with.
impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growth = Growth {
            current,
            desired,
            maximum,
        };
        let held = self.footprint.grow_memory(growth, self.call.limits.memory_bytes)?;
        if let Some(recorder) = &self.around.recorder {
            recorder.note(|record| record.memory_bytes = record.memory_bytes.max(held));
        }
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growth = Growth {
            current,
            desired,
            maximum,
        };
        self.footprint.grow_table(growth, self.call.limits.table_elements)?;
        Ok(true)
    }

    // The pool has the same limits; these hold where a machine falls back to the on-demand allocator.
    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}
