//! Trials: one call into a plugin by function name, with arguments and result as JSON, and a record of what the call did.
//!
//! A trial uses the runtime of a host: the same linker, limits, egress policy and handling of credentials. Only the store is in
//! memory, and there is no checkout. Used by `plugin run`, `plugin dev`, `plugin bench` and `plugin serve`.

mod answer;
mod call;
mod data;
mod from_val;
mod request;
mod signature;
mod size;
mod to_val;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub use answer::{MERCHANT, TrialAnswer};
pub use data::{MemoryData, TrialCommitError};
pub use from_val::CaseStyle;
pub use request::TrialRequest;
pub use signature::{Exported, Parameter};
pub use to_val::ArgumentError;

use call::{TrialCall, UncheckedResult};
use signature::Signature;

use super::engine::{EngineError, EngineSettings};
use super::{Binding, Capability, Component, PackageError, Plugins, SharedEngine};
use crate::api::call_name::CallName;
use crate::api::function::{Access, Function};
use crate::call::phase::PluginPhase;
use crate::guest::charge_guard::ChargeGuard;
use crate::guest::limits::Limits;
use crate::guest::record::{Record, Recorder};
use crate::merchant::routes::MerchantPlugins;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::plugin_data::Namespace;
use tillhouse_checkout::ports::{
    ChargeJournal, DecisionError, PhaseKind, PhaseScope, PluginData, PluginFault, Processor, StoreError,
};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::quoting;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

/// Factor by which a trial raises the limit on bytes from a guest.
///
/// It reads results into [`Val`](wasmtime::component::Val), which is several times larger than the types of a host. The size
/// of the result is then computed as a host would count it.
const GUEST_BYTES_FACTOR: usize = 8;

/// A runtime for trials of one plugin.
#[derive(Debug)]
pub struct Trial {
    plugins: Plugins,
    data: Arc<MemoryData>,
    recorder: Recorder,
    limits: Limits,
}

/// Outcome of one call.
#[derive(Debug)]
pub struct TrialReport {
    /// Result of the plugin, or the fault of the call.
    pub answer: TrialAnswer,
    /// Log lines, requests and usage of the call.
    pub record: Record,
    /// Time from creating the instance to the result.
    pub elapsed: Duration,
    /// Size of the result in bytes, as counted against `guest_to_host_bytes`. 0 if there is no result.
    pub answer_bytes: usize,
}

/// How a quote asks the plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteCalls {
    /// As a host does: in one call of `quoting.quote` where one plugin serves it and everything that it decides.
    Whole,
    /// Each decision in a call of its own, also where `quoting.quote` could answer.
    OneByOne,
}

/// Result of quoting a cart.
#[derive(Debug)]
pub struct QuoteReport {
    /// The quote. An error when a plugin rejects the cart, fails, or returns a result that violates the contract.
    pub quote: Result<Quote, CheckoutError>,
    /// Log lines, requests and usage of all calls.
    pub record: Record,
}

/// Why a call was not made, or its effects were not committed.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The component does not export the function.
    #[error("the component does not export {}; it exports {exported}", function.capability().name())]
    Absent {
        /// Function that was to be called.
        function: Function,
        /// Names of the exported capabilities, separated by `, `.
        exported: String,
    },
    /// An argument does not have the type that the function declares.
    #[error("{0}")]
    Argument(#[from] ArgumentError),
    /// The writes that the call staged could not be committed.
    #[error(transparent)]
    Commit(#[from] TrialCommitError),
}

impl Trial {
    /// Create a trial without a plugin.
    ///
    /// Of `settings`, only `limits`, `workers` and `metered` apply.
    ///
    /// # Errors
    /// When a thread does not start.
    pub fn new(
        engine: SharedEngine,
        settings: &EngineSettings,
        clock: Arc<dyn Clock>,
        client: Client,
    ) -> Result<Self, EngineError> {
        let (data, recorder) = (Arc::new(MemoryData::default()), Recorder::default());
        let limits = settings.limits.clone();
        let settings = EngineSettings {
            recorder: Some(recorder.clone()),
            limits: raise_guest_bytes(&limits),
            ..settings.clone()
        };
        let store: Arc<dyn PluginData> = Arc::clone(&data) as _;
        Ok(Self {
            plugins: Plugins::with_engine(engine, &settings, store, clock, client)?,
            data,
            recorder,
            limits,
        })
    }

    /// Check and compile a component.
    ///
    /// # Errors
    /// When the bytes are not a component that implements this contract.
    pub async fn load(&self, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        self.plugins.load(bytes).await
    }

    /// Install the plugin with a catalog, replacing the previous one. Plugin data is kept, as for a new release.
    ///
    /// # Errors
    /// The problems that the plugin's `validate-config` reports.
    pub async fn install(&self, binding: Binding, catalog: Catalog, currency: Currency) -> Result<(), Vec<Diagnostic>> {
        self.install_over(binding, None, catalog, currency).await
    }

    /// Like [`install`](Self::install), with a fallback that serves the capabilities that this plugin does not export.
    ///
    /// Needed for [`quote`](Self::quote), which uses several capabilities.
    ///
    /// # Errors
    /// The problems that `validate-config` of either plugin reports.
    pub async fn install_over(
        &self,
        binding: Binding,
        fallback: Option<Arc<Binding>>,
        catalog: Catalog,
        currency: Currency,
    ) -> Result<(), Vec<Diagnostic>> {
        let plugins = MerchantPlugins {
            bindings: vec![Arc::new(binding)],
            fallback,
            catalog: Arc::new(catalog),
            currency,
            limits: None,
        };
        let installed = self.plugins.install(MerchantId::new(MERCHANT), plugins).await;
        let _ = self.recorder.take();
        installed
    }

    /// Call a function and commit the writes that it staged, unless it failed or [`TrialRequest::commit`] is off.
    ///
    /// A fault of the plugin is not an error here: it is in [`TrialReport::answer`].
    ///
    /// # Errors
    /// When the component does not export the function, an argument has the wrong type, or the writes cannot be committed.
    pub async fn call(&self, mut request: TrialRequest) -> Result<TrialReport, TrialError> {
        let function = request.function;
        let mut phase = self.open(&request).map_err(|_| absent(function, None))?;
        phase.rng_seed = request.rng_seed;
        let binding = phase.routes.bindings.first().map(Arc::clone);
        let binding = binding.ok_or_else(|| absent(function, None))?;
        let signature = Signature::find(&binding.component, function);
        let signature = signature.ok_or_else(|| absent(function, Some(&binding)))?;
        let call = TrialCall::new(&signature, &request)?;
        let prepared = match function {
            Function::Charge => {
                self.prepare_charge(&mut phase, call.idempotency_key(), &mut request)
                    .await
            }
            _ => Ok(()),
        };
        let name = phase.name(Some(0), function);
        let savepoint = phase.savepoint();
        let began = Instant::now();
        let called = match prepared {
            Ok(()) => phase.run(&name, Some(0), call.into_call(&request)).await,
            Err(fault) => Err(fault),
        };
        let result = match called {
            Ok(Ok(result)) => self.checked(&request, &name, result),
            // Unreachable: the call returns a typed failure inside of `UncheckedResult`, never as the error of `run`.
            Ok(Err(_)) => {
                UncheckedResult::of_fault(name.fault(PluginFault::Host, "the result was lost"), began.elapsed())
            }
            Err(fault) => UncheckedResult::of_fault(fault, began.elapsed()),
        };
        if !keeps_staged_writes(function, &result.answer) {
            phase.roll_back(savepoint);
        }
        let end = phase.end();
        let record = self.recorder.take();
        if request.commit && function.data() == Access::Write {
            self.data.commit(&end.staged)?;
        }
        Ok(TrialReport {
            answer: result.answer,
            record,
            elapsed: result.elapsed,
            answer_bytes: result.bytes,
        })
    }

    /// Turn a result that a host would reject into a fault, before anything is committed.
    fn checked(&self, request: &TrialRequest, name: &CallName, result: UncheckedResult) -> UncheckedResult {
        let limit = self.limits.of(request.function.kind()).guest_to_host_bytes;
        let fault = if result.bytes > limit {
            let detail = format!("the result has {} bytes; the limit is {limit}", result.bytes);
            name.fault(PluginFault::OutputTooLarge, detail)
        } else if let Some(violation) = result.violation.as_deref() {
            name.fault(PluginFault::Contract, violation)
        } else {
            match self.recorder.with(|record| request.exceeded(record)) {
                Some((fault, detail)) => name.fault(fault, detail),
                None => return result,
            }
        };
        UncheckedResult {
            answer: TrialAnswer::Fault(fault),
            ..result
        }
    }

    /// Quote a cart as a host does: stock, prices, fulfillment options, taxes, and the host's own totals. Commits nothing.
    ///
    /// The record counts all calls of the quote.
    pub async fn quote(&self, scope: PhaseScope, cart: &Cart, calls: QuoteCalls) -> QuoteReport {
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            ..scope
        };
        let quote = self.quoted(&scope, cart, calls).await;
        QuoteReport {
            quote,
            record: self.recorder.take(),
        }
    }

    async fn quoted(&self, scope: &PhaseScope, cart: &Cart, calls: QuoteCalls) -> Result<Quote, CheckoutError> {
        let mut phase = self.plugins.phase(scope.clone())?;
        phase.one_by_one = calls == QuoteCalls::OneByOne;
        quoting::quote(&mut phase, scope, cart).await
    }

    /// Plugin data of all plugins of the trial.
    #[must_use]
    pub fn data(&self) -> &MemoryData {
        &self.data
    }

    /// Namespace of a binding's plugin data.
    #[must_use]
    pub fn namespace(binding: &Binding) -> Namespace {
        Namespace {
            merchant: MerchantId::new(MERCHANT),
            plugin: binding.plugin.clone(),
        }
    }

    fn open(&self, request: &TrialRequest) -> Result<PluginPhase, DecisionError> {
        self.plugins.phase(PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new(request.session.as_str()),
            kind: match request.function.capability() {
                capability if capability.name().starts_with("payments") => PhaseKind::Payment,
                _ => PhaseKind::Quote,
            },
            now: request.now,
            currency: request.currency,
            locale: request.locale.clone(),
            time_zone: request.time_zone.clone(),
            agent: request.agent.clone(),
            catalog: None,
            deadline: None,
        })
    }

    /// Give a charge its credential and its guard, as the payments crate does, but without a journal.
    ///
    /// Fails if the profile cannot be read, because a host would not charge then.
    async fn prepare_charge(
        &self,
        phase: &mut PluginPhase,
        key: String,
        request: &mut TrialRequest,
    ) -> Result<(), DecisionError> {
        let profile = self.plugins.profile(&MerchantId::new(MERCHANT)).await;
        // The record must not contain the call of `payments.profile`.
        let _ = self.recorder.take();
        let profile = profile?;
        if let Some(prepared) = &mut phase.call_state {
            prepared.charge = Some(ChargeGuard::new(Arc::new(NoJournal), profile.idempotency, key));
            prepared.credential = request.credential.take().map(Arc::new);
        }
        Ok(())
    }
}

/// Whether a host would keep the staged writes: not after a failure, and not after a reservation with insufficient stock.
fn keeps_staged_writes(function: Function, answer: &TrialAnswer) -> bool {
    let TrialAnswer::Value(value) = answer else {
        return false;
    };
    let is_insufficient = |names: [&str; 2]| names.iter().any(|name| value.get(name).is_some());
    function != Function::Reserve || !is_insufficient(["insufficient", "Insufficient"])
}

fn raise_guest_bytes(limits: &Limits) -> Limits {
    let mut limits = limits.clone();
    for calls in [
        &mut limits.decision,
        &mut limits.effect,
        &mut limits.processor,
        &mut limits.charge,
    ] {
        calls.guest_to_host_bytes = calls.guest_to_host_bytes.saturating_mul(GUEST_BYTES_FACTOR);
    }
    limits
}

fn absent(function: Function, binding: Option<&Arc<Binding>>) -> TrialError {
    let capabilities = binding.map(|binding| binding.component.capabilities());
    let names: Vec<&str> = capabilities
        .iter()
        .flat_map(|of| of.iter())
        .map(Capability::name)
        .collect();
    TrialError::Absent {
        function,
        exported: names.join(", "),
    }
}

/// Journal that records nothing: a trial's charge needs no durable record before it is sent.
struct NoJournal;

#[async_trait]
impl ChargeJournal for NoJournal {
    async fn charging(&self, _digest: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
