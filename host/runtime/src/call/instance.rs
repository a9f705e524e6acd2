//! One instance of a component in its own store, used for the calls of one phase and then dropped.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::Instance as Running;
use wasmtime::{Store, UpdateDeadline};

use crate::api::function::Function;
use crate::component::package::Component;
use crate::guest::call_state::CallState;
use crate::guest::cpu_time::CpuMeter;
use crate::guest::host_context::HostContext;
use crate::guest::limits::CallLimits;
use crate::guest::state::GuestState;

/// Ticks until the epoch callback first runs in a call. Not 1: the current tick may be almost over, and instantiation counts too.
const FIRST_DEADLINE: u64 = 2;

/// Initial fuel of a store that counts instructions: more than any call can consume.
const FUEL: u64 = u64::MAX;

/// An instance, or the store for an instance that is not created yet.
pub(crate) struct Instance {
    pub(crate) store: Store<GuestState>,
    running: Option<Running>,
    component: Arc<Component>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("component", &self.component)
            .finish_non_exhaustive()
    }
}

impl Instance {
    /// Prepare a store; the component is instantiated by the first call.
    pub(crate) fn new(component: Arc<Component>, host: HostContext, function: Function, limits: &CallLimits) -> Self {
        let state = GuestState::new(host, function, limits.clone());
        let mut store = Store::new(component.pre.engine(), state);
        if store.data().host.metered {
            // Fails only if the engine does not count instructions, and then no fuel is needed.
            store.set_fuel(FUEL).ok();
        }
        store.limiter(|state| state);
        store.epoch_deadline_callback(|context| {
            context.data().check_time()?;
            Ok(UpdateDeadline::Yield(1))
        });
        Self {
            store,
            running: None,
            component,
        }
    }

    /// Begin a call that ends at `until` at the latest: reset the budgets and hand over the state that the phase lends. Returns
    /// the meter of its CPU time.
    pub(crate) fn begin_call(
        &mut self,
        function: Function,
        limits: &CallLimits,
        until: Option<Instant>,
        call_state: CallState,
    ) -> CpuMeter {
        let state = self.store.data_mut();
        state.begin(function, limits.clone(), until);
        let meter = state.call.cpu.clone();
        state.call_state = Some(call_state);
        self.store.set_epoch_deadline(FIRST_DEADLINE);
        self.store.set_hostcall_fuel(limits.guest_to_host_bytes);
        self.store.set_max_component_handles(limits.handles);
        meter
    }

    /// Record the instructions used since the last call of this method or of [`refuel`](Self::refuel).
    pub(crate) fn record_usage(&mut self) {
        let Some(recorder) = self.store.data().host.recorder.clone() else {
            return;
        };
        if let Ok(left) = self.store.get_fuel() {
            recorder.update(|record| record.instructions += FUEL - left);
            self.refuel();
        }
    }

    /// Discard the count of instructions used since the last [`account`](Self::account).
    pub(crate) fn refuel(&mut self) {
        self.store.set_fuel(FUEL).ok();
    }

    /// The running instance and its component's exports.
    ///
    /// # Errors
    /// When instantiation fails: no free slot in the pool, a limit, or a trap in the start function.
    pub(crate) async fn running(&mut self) -> wasmtime::Result<(Running, Arc<Component>)> {
        let running = match self.running {
            Some(running) => running,
            None => {
                let running = self.component.pre.instantiate_async(&mut self.store).await?;
                self.running = Some(running);
                running
            }
        };
        Ok((running, Arc::clone(&self.component)))
    }
}
