//! One phase: its instances, its staged writes, and how a call is made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::export_call::{CallFuture, PluginResult, call_with};
use super::instance::Instance;
use super::observer::{PluginCall, SessionObserver};
use super::shared::Shared;
use crate::api::call_name::CallName;
use crate::api::from_wit;
use crate::api::function::Function;
use crate::guest::call_state::{CallState, Traffic};
use crate::guest::host_context::HostContext;
use crate::guest::phase_catalog::PhaseCatalog;
use crate::guest::random;
use crate::guest::staging::{Savepoint, Staging};
use crate::merchant::routes::MerchantRoutes;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::{DecisionError, PhaseEnd, PhaseKind, PhaseScope, PluginFault};
use tillhouse_checkout::session::Agent;

/// When to retry a call that had no time or no permit.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// State of one binding's instance in a phase.
#[derive(Debug, Default)]
enum InstanceSlot {
    /// The plugin was not called yet in this phase.
    #[default]
    Fresh,
    /// Ready for the next call of the phase.
    Idle(Box<Instance>),
    /// In a call, or lost: a call ended with a fault or was abandoned.
    Lost,
}

/// A phase over the merchant's plugins: one instance per plugin, kept until the phase ends.
#[derive(Debug)]
pub(crate) struct PluginPhase {
    pub(super) shared: Arc<Shared>,
    pub(crate) scope: PhaseScope,
    pub(crate) routes: Arc<MerchantRoutes>,
    pub(crate) catalog: Arc<PhaseCatalog>,
    /// `None` while a call is in flight; stays `None` if that call was abandoned.
    pub(crate) call_state: Option<CallState>,
    slots: Vec<InstanceSlot>,
    permit: Option<Arc<OwnedSemaphorePermit>>,
    /// Reports the calls of an observed checkout; `None` for other phases.
    pub(crate) observer: Option<SessionObserver>,
    /// RNG seed override, combined by exclusive or with the seed of session and time. 0 except in trials.
    pub(crate) rng_seed: u64,
    /// Whether a quote asks for each decision by itself even where `quoting.quote` could answer. Only in trials.
    pub(crate) one_by_one: bool,
}

impl PluginPhase {
    pub(crate) fn new(shared: Arc<Shared>, routes: Arc<MerchantRoutes>, scope: PhaseScope) -> Self {
        let staging = Staging::new(Arc::clone(&shared.store), shared.quota.clone());
        let slots = std::iter::repeat_with(InstanceSlot::default)
            .take(routes.bindings.len())
            .collect();
        let clock = Arc::clone(&shared.clock);
        let catalog = PhaseCatalog::new(Arc::clone(&routes.catalog), &scope, clock);
        Self {
            shared,
            scope,
            catalog: Arc::new(catalog),
            routes,
            call_state: Some(CallState {
                staging,
                traffic: Traffic::default(),
                credential: None,
                charge: None,
            }),
            slots,
            permit: None,
            observer: None,
            rng_seed: 0,
            one_by_one: false,
        }
    }

    /// A phase over the same plugins, for calls that do not belong to a checkout. Its session id is empty.
    pub(crate) fn of_merchant(
        shared: Arc<Shared>,
        routes: Arc<MerchantRoutes>,
        merchant: MerchantId,
        kind: PhaseKind,
    ) -> Self {
        let scope = PhaseScope {
            merchant,
            session: SessionId::new(""),
            kind,
            now: shared.clock.now(),
            currency: routes.currency,
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            catalog: None,
            deadline: None,
        };
        Self::new(shared, routes, scope)
    }

    /// Like [`of_merchant`](Self::of_merchant), with the plugins, the catalog and the deadline of this phase.
    pub(super) fn detached(&self, kind: PhaseKind) -> Self {
        let merchant = self.scope.merchant.clone();
        let mut phase = Self::of_merchant(Arc::clone(&self.shared), Arc::clone(&self.routes), merchant, kind);
        phase.scope.deadline = self.scope.deadline;
        phase.catalog = Arc::clone(&self.catalog);
        phase
    }

    /// Call the binding that serves the function's capability.
    ///
    /// `guest_call` makes the call; `read` converts the result, or returns a message when it violates the contract. On any error the
    /// writes that the call staged are rolled back.
    pub(crate) async fn call<R, T>(
        &mut self,
        function: Function,
        guest_call: impl for<'a> FnOnce(&'a mut Instance) -> CallFuture<'a, R> + Send + 'static,
        read: impl FnOnce(R) -> Result<T, String>,
    ) -> Result<T, DecisionError>
    where
        R: Send + 'static,
    {
        let index = self.routes.index(function.capability());
        self.call_binding(index, function, guest_call, read).await
    }

    /// Like [`call`](Self::call), for a given binding.
    pub(crate) async fn call_binding<R, T>(
        &mut self,
        index: Option<usize>,
        function: Function,
        guest_call: impl for<'a> FnOnce(&'a mut Instance) -> CallFuture<'a, R> + Send + 'static,
        read: impl FnOnce(R) -> Result<T, String>,
    ) -> Result<T, DecisionError>
    where
        R: Send + 'static,
    {
        let began = Instant::now();
        let name = self.name(index, function);
        let savepoint = self.savepoint();
        let answer = self
            .run(&name, index, guest_call)
            .await
            .and_then(|answer| match answer {
                Ok(value) => read(value).map_err(|broken| name.fault(PluginFault::Contract, broken)),
                Err(failure) => Err(from_wit::failure(&name, failure)),
            });
        if answer.is_err() {
            self.roll_back(savepoint);
        }
        self.record(name, began.elapsed(), answer.as_ref().err());
        answer
    }

    /// Prepare for a call: acquire the merchant's permit and instantiate the component.
    ///
    /// # Errors
    /// When there is no permit within the queue wait, no free slot in the pool, no time left, or instantiation fails.
    pub(crate) async fn prepare(&mut self, function: Function) -> Result<(), DecisionError> {
        let began = Instant::now();
        let index = self.routes.index(function.capability());
        let name = self.name(index, function);
        let start = call_with(|instance| Box::pin(async move { instance.running().await.map(|_| Ok(())) }));
        let started = self.run(&name, index, start).await;
        let started = started.and_then(|answer| answer.map_err(|failure| from_wit::failure(&name, failure)));
        if let Err(error) = &started {
            self.record(name, began.elapsed(), Some(error));
        }
        started
    }

    pub(crate) async fn run<R: Send + 'static>(
        &mut self,
        name: &CallName,
        index: Option<usize>,
        guest_call: impl for<'a> FnOnce(&'a mut Instance) -> CallFuture<'a, R> + Send + 'static,
    ) -> Result<PluginResult<R>, DecisionError> {
        let index = index.ok_or_else(|| name.unsupported())?;
        let until = self.scope.deadline;
        if until.is_some_and(|until| Instant::now() >= until) {
            return Err(name.unavailable(Some(RETRY_AFTER)));
        }
        let permit = self.acquire_permit(name).await?;
        let mut instance = self.take_instance(name, index)?;
        let call_state = self
            .call_state
            .take()
            .ok_or_else(|| name.fault(PluginFault::Host, "an earlier call of this phase was abandoned"))?;
        let limits = self.routes.limits.of(name.function.kind());
        let meter = instance.begin_call(name.function, limits, until, call_state);
        let task = self.shared.workers.spawn(async move {
            let answer = meter.of_guest(guest_call(&mut instance)).await;
            instance.record_usage();
            // The call holds the permit until it ends, even if its caller stops waiting.
            drop(permit);
            (instance, answer)
        });
        let (mut instance, answer) = match task {
            Some(task) => task
                .await
                .map_err(|error| name.fault(PluginFault::Host, error.to_string()))?,
            None => return Err(name.unavailable(None)),
        };
        let state = instance.store.data_mut();
        self.call_state = state.call_state.take();
        match answer {
            Ok(answer) => {
                self.put_back(index, instance);
                Ok(answer)
            }
            Err(error) => Err(name.classify(&error, &state.call.output.stderr())),
        }
    }

    /// Acquire the merchant's permit: one for the whole phase, with its first call, so that a phase that already holds an
    /// instance never waits.
    async fn acquire_permit(&mut self, name: &CallName) -> Result<Arc<OwnedSemaphorePermit>, DecisionError> {
        if let Some(permit) = &self.permit {
            return Ok(Arc::clone(permit));
        }
        let permits = self.routes.permits.semaphore(name.function.kind());
        let wait = self.routes.limits.queue_wait;
        let wait = self
            .scope
            .deadline
            .map_or(wait, |until| until.saturating_duration_since(Instant::now()).min(wait));
        match tokio::time::timeout(wait, permits.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Arc::clone(self.permit.insert(Arc::new(permit)))),
            _ => {
                let function = name.function.name();
                tracing::warn!(merchant = %self.scope.merchant, function, "merchant is at its concurrency limit");
                Err(name.unavailable(Some(RETRY_AFTER)))
            }
        }
    }

    fn take_instance(&mut self, name: &CallName, index: usize) -> Result<Box<Instance>, DecisionError> {
        let binding = self.routes.bindings.get(index).ok_or_else(|| name.unsupported())?;
        let slot = self.slots.get_mut(index).ok_or_else(|| name.unsupported())?;
        match std::mem::replace(slot, InstanceSlot::Lost) {
            InstanceSlot::Idle(instance) => Ok(instance),
            InstanceSlot::Lost => Err(name.fault(
                PluginFault::Trap,
                "an earlier call of this phase into this plugin failed",
            )),
            InstanceSlot::Fresh => {
                let host = HostContext {
                    merchant: self.scope.merchant.clone(),
                    grants: Arc::clone(binding) as _,
                    catalog: Arc::clone(&self.catalog),
                    client: self.shared.client.clone(),
                    now: self.scope.now,
                    cpu_clock: Arc::clone(&self.shared.cpu_clock),
                    seed: random::seed(&self.scope.session, self.scope.now) ^ self.rng_seed,
                    metered: self.shared.metered,
                    recorder: self.shared.recorder.clone(),
                };
                let limits = self.routes.limits.of(name.function.kind());
                Ok(Box::new(Instance::new(
                    Arc::clone(&binding.component),
                    host,
                    name.function,
                    limits,
                )))
            }
        }
    }

    fn put_back(&mut self, index: usize, instance: Box<Instance>) {
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = InstanceSlot::Idle(instance);
        }
    }

    pub(crate) fn savepoint(&self) -> Option<Savepoint> {
        self.call_state
            .as_ref()
            .map(|call_state| call_state.staging.savepoint())
    }

    /// Discard the writes staged since the savepoint.
    pub(crate) fn roll_back(&mut self, savepoint: Option<Savepoint>) {
        if let (Some(call_state), Some(savepoint)) = (&mut self.call_state, savepoint) {
            call_state.staging.roll_back(savepoint);
        }
    }

    pub(crate) fn name(&self, index: Option<usize>, function: Function) -> CallName {
        let binding = index.and_then(|index| self.routes.bindings.get(index));
        CallName {
            plugin: binding.map_or_else(|| "(none)".to_owned(), |binding| binding.plugin.to_string()),
            function,
        }
    }

    fn record(&self, name: CallName, elapsed: Duration, error: Option<&DecisionError>) {
        let (merchant, function) = (&self.scope.merchant, name.function.name());
        match error {
            Some(DecisionError::Fault { fault, detail, .. }) => {
                let fault = fault.as_str();
                tracing::error!(%merchant, plugin = name.plugin, function, fault, detail, "plugin call failed");
            }
            Some(DecisionError::Misconfigured { detail, .. }) => {
                tracing::error!(%merchant, plugin = name.plugin, function, detail, "plugin is misconfigured");
            }
            Some(DecisionError::Unavailable { .. }) => {
                tracing::warn!(%merchant, plugin = name.plugin, function, "plugin is unavailable");
            }
            _ => {}
        }
        if let Some(observer) = &self.observer {
            observer.notify(&PluginCall::of(name, elapsed, error));
        }
    }

    /// End the phase and return its staged reads and writes.
    pub(crate) fn end(self) -> PhaseEnd {
        let (staged, used_egress) = self.call_state.map_or_else(Default::default, |call_state| {
            (call_state.staging.finish(), call_state.traffic.used)
        });
        PhaseEnd { staged, used_egress }
    }
}
