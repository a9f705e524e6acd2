//! Store data of one instance.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

use super::call_abort_error::CallAbortError;
use super::call_state::CallState;
use super::cpu_time::CpuMeter;
use super::footprint::{Footprint, Growth};
use super::host_context::HostContext;
use super::limits::{CORE_INSTANCES, CallLimits, MEMORIES, TABLES};
use super::output::Output;
use super::random;
use super::staging::Staging;
use crate::api::function::{Access, Function};
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::plugin_data::Namespace;

/// Data of a wasmtime store: the environment of the instance, and the call in progress.
#[derive(Debug)]
pub(crate) struct GuestState {
    pub(crate) host: HostContext,
    pub(crate) namespace: Namespace,
    pub(crate) call: CurrentCall,
    pub(crate) call_state: Option<CallState>,
    pub(crate) random: u64,
    footprint: Footprint,
}

/// The call in progress: its limits and what it has used of them.
#[derive(Debug)]
pub(crate) struct CurrentCall {
    pub(crate) function: Function,
    pub(crate) limits: CallLimits,
    /// End of the call in wall-clock time.
    pub(crate) deadline: Instant,
    /// Whether `deadline` is that of the caller, before the timeout of the call.
    cut_short: bool,
    pub(crate) cpu: CpuMeter,
    pub(crate) random_bytes: usize,
    pub(crate) output: Output,
}

impl GuestState {
    pub(crate) fn new(host: HostContext, function: Function, limits: CallLimits) -> Self {
        let namespace = Namespace {
            merchant: host.merchant.clone(),
            plugin: host.grants.plugin().clone(),
        };
        let random = host.seed;
        let call = CurrentCall::begin(&host, function, limits, None);
        Self {
            host,
            namespace,
            call,
            call_state: None,
            random,
            footprint: Footprint::default(),
        }
    }

    /// Begin another call in the same instance, which ends at `until` at the latest.
    pub(crate) fn begin(&mut self, function: Function, limits: CallLimits, until: Option<Instant>) {
        self.call = CurrentCall::begin(&self.host, function, limits, until);
    }

    /// Check the time budgets, at every epoch in which the guest runs.
    ///
    /// # Errors
    /// When the CPU time of the call is used up, by the guest or by what it had the host do, or its time is over.
    pub(crate) fn check_time(&self) -> Result<(), CallAbortError> {
        let call = &self.call;
        if call.cpu.used() > Duration::from_millis(call.limits.cpu_ms) {
            return Err(CallAbortError::CpuBudget(call.limits.cpu_ms));
        }
        if Instant::now() < call.deadline {
            return Ok(());
        }
        Err(if call.cut_short {
            CallAbortError::CallerDeadline
        } else {
            CallAbortError::WallClock(call.limits.wall)
        })
    }

    /// Time until the end of the call.
    pub(crate) fn time_left(&self) -> Duration {
        self.call.deadline.saturating_duration_since(Instant::now())
    }

    /// Time for a request of the guest: it ends before the call does, so that the guest sees the timeout and can still answer.
    pub(crate) fn request_time(&self) -> Duration {
        let limits = &self.call.limits;
        let left = self.time_left().saturating_sub(limits.answer_time());
        limits.http_timeout.min(left)
    }

    /// Plugin data of the phase for an import, or the error message when the function being called may not use it that way.
    pub(crate) fn data(&mut self, import: &str, wanted: Access) -> Result<(&mut Staging, &Namespace), String> {
        let function = self.call.function;
        if function.data() < wanted {
            let name = function.name();
            return Err(match wanted {
                Access::Write if function.data() == Access::Read => {
                    format!("{import} may not be used by {name}: it may only read plugin data, not write it")
                }
                _ => format!("{import} may not be used by {name}"),
            });
        }
        let left = self.time_left();
        match &mut self.call_state {
            Some(call_state) => {
                call_state.staging.bound_reads(left);
                Ok((&mut call_state.staging, &self.namespace))
            }
            None => Err(format!("{import} may not be used outside a phase")),
        }
    }

    /// Credential of the charge in progress; `None` in every other function.
    pub(crate) fn credential(&self) -> Option<&Arc<Credential>> {
        self.call_state.as_ref()?.credential.as_ref()
    }

    pub(crate) fn config(&self) -> &BTreeMap<String, String> {
        self.host.grants.config()
    }

    pub(crate) const fn random_u64(&mut self) -> u64 {
        random::next(&mut self.random)
    }
}

impl CurrentCall {
    fn begin(host: &HostContext, function: Function, limits: CallLimits, until: Option<Instant>) -> Self {
        let output = Output::new(host, function, &limits);
        let timeout = Instant::now() + limits.wall;
        let deadline = until.map_or(timeout, |until| until.min(timeout));
        Self {
            function,
            deadline,
            cut_short: deadline < timeout,
            cpu: CpuMeter::new(&host.cpu_clock),
            limits,
            random_bytes: 0,
            output,
        }
    }
}

/// Our own limiter instead of wasmtime's, so that exceeding a limit is a typed error. It also limits the initial memory.
impl ResourceLimiter for GuestState {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growth = Growth {
            current,
            desired,
            maximum,
        };
        let held = self.footprint.grow_memory(growth, self.call.limits.memory_bytes)?;
        if let Some(recorder) = &self.host.recorder {
            recorder.update(|record| record.memory_bytes = record.memory_bytes.max(held));
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
