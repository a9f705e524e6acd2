//! One instance of a component: a store of its own, used for the calls of one phase and dropped after.

use std::sync::Arc;

use wasmtime::component::Instance as Running;
use wasmtime::{Store, UpdateDeadline};

use crate::api::function::Function;
use crate::component::package::Component;
use crate::guest::lent::Lent;
use crate::guest::limits::CallLimits;
use crate::guest::state::State;
use crate::guest::surroundings::Surroundings;

/// Ticks until a call is first looked at. Not one: the current tick may be almost over, and instantiation counts as well.
const FIRST_DEADLINE: u64 = 2;

/// What a store that counts instructions begins with: more than any call can use up.
const FUEL: u64 = u64::MAX;

/// An instance, or the store that it will be in.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
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
    /// An instance that will begin with its first call.
    pub(crate) fn new(
        component: Arc<Component>,
        around: Surroundings,
        function: Function,
        limits: &CallLimits,
    ) -> Self {
        let state = State::new(around, function, limits.clone());
        let mut store = Store::new(component.pre.engine(), state);
        if store.data().around.metered {
            // An error would mean that the engine does not count, and then there is nothing to set.
            store.set_fuel(FUEL).ok();
        }
        store.limiter(|state| state);
        store.epoch_deadline_callback(|mut context| {
            context.data_mut().tick()?;
            Ok(UpdateDeadline::Yield(1))
        });
        Self {
            store,
            running: None,
            component,
        }
    }

    /// Begin a call: fresh budgets, and what the phase lends.
    pub(crate) fn arm(&mut self, function: Function, limits: &CallLimits, lent: Lent) {
        let state = self.store.data_mut();
        state.begin(function, limits.clone());
        state.lent = Some(lent);
        self.store.set_epoch_deadline(FIRST_DEADLINE);
        self.store.set_hostcall_fuel(limits.guest_to_host_bytes);
        self.store.set_max_component_handles(limits.handles);
    }

    /// Write down what was used since it was last written down.
    pub(crate) fn account(&mut self) {
        let Some(recorder) = self.store.data().around.recorder.clone() else {
            return;
        };
        if let Ok(left) = self.store.get_fuel() {
            recorder.note(|record| record.instructions += FUEL - left);
            self.refuel();
        }
    }

    /// What was used since the last [`account`](Self::account) is not counted.
    pub(crate) fn refuel(&mut self) {
        self.store.set_fuel(FUEL).ok();
    }

    /// The running instance and its component's exports.
    ///
    /// # Errors
    /// When it cannot be instantiated: no slot, a limit, or a trap of its start function.
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
