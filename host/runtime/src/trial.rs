//! Trying a plugin out: one call by its name, with arguments as JSON, and everything that it did.
//!
//! What runs is the runtime of a host: the same linker, limits, egress policy and handling of credentials. Only the store is in
//! memory, and no checkout is around. The command line and the harness are built on this.

mod answer;
mod call;
mod data;
mod from_val;
mod question;
mod signature;
mod size;
mod to_val;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub use answer::{Answer, MERCHANT};
pub use data::{MemoryData, NotCommitted};
pub use from_val::Names;
pub use question::Question;
pub use signature::{Exported, Parameter};
pub use to_val::Mismatch;

use call::{Call, Spoken};
use signature::Signature;

use super::engine::{EngineError, EngineSettings};
use super::{Binding, Capability, Code, Component, PackageError, Plugins};
use crate::api::call_name::CallName;
use crate::api::function::{Access, Function};
use crate::call::phase::PluginPhase;
use crate::guest::charge_guard::ChargeGuard;
use crate::guest::limits::Limits;
use crate::guest::record::{Record, Recorder};
use crate::merchant::routes::{MerchantPlugins, Problem};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{
    ChargeJournal, DecisionError, Decisions, PhaseKind, PhaseScope, PluginData, Processor, StoreError,
};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::quoting;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit::Namespace;
use tillhouse_egress::Client;

/// A trial reads answers into values that are so many times as large as the types of a host, and then counts as a host does.
const LIFTED: usize = 8;

/// A plugin under trial.
#[derive(Debug)]
pub struct Trial {
    plugins: Plugins,
    data: Arc<MemoryData>,
    recorder: Recorder,
    limits: Limits,
}

/// A call that was made.
#[derive(Debug)]
pub struct Tried {
    /// What the plugin said.
    pub answer: Answer,
    /// What it did.
    pub record: Record,
    /// How long the call took, with the instance that was made for it.
    pub elapsed: Duration,
    /// Bytes of the answer as they count against the limit on what is copied from a guest. 0 where there is none.
    pub answer_bytes: usize,
}

/// Why a call was not made, or had no effect.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The component does not have the function.
    #[error("the component does not export {}; it exports {exported}", function.capability().name())]
    Absent {
        /// The function.
        function: Function,
        /// The capabilities that there are.
        exported: String,
    },
    /// An argument does not fit.
    #[error("{0}")]
    Argument(#[from] Mismatch),
    /// The effects could not be committed.
    #[error(transparent)]
    Commit(#[from] NotCommitted),
}

impl Trial {
    /// A trial without a plugin yet. The engine is that of the code; of the settings, the limits of calls hold.
    ///
    /// # Errors
    /// When the threads cannot be had on this machine.
    pub fn new(
        code: Code,
        settings: &EngineSettings,
        clock: Arc<dyn Clock>,
        client: Client,
    ) -> Result<Self, EngineError> {
        let (data, recorder) = (Arc::new(MemoryData::default()), Recorder::default());
        let limits = settings.limits.clone();
        let settings = EngineSettings {
            recorder: Some(recorder.clone()),
            limits: lifted(&limits),
            ..settings.clone()
        };
        let store: Arc<dyn PluginData> = Arc::clone(&data) as _;
        Ok(Self {
            plugins: Plugins::sharing(code, &settings, store, clock, client)?,
            data,
            recorder,
            limits,
        })
    }

    /// Check and compile a component.
    ///
    /// # Errors
    /// When the bytes are no plugin of this contract.
    pub async fn load(&self, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        self.plugins.load(bytes).await
    }

    /// Put a plugin to the trial, over a catalog. What an earlier one kept stays, as it does for a new release.
    ///
    /// # Errors
    /// What the plugin's own `validate-config` complains of.
    pub async fn install(&self, binding: Binding, catalog: Catalog, currency: Currency) -> Result<(), Vec<Problem>> {
        self.install_over(binding, None, catalog, currency).await
    }

    /// The same with another component that serves what this one does not, for whole quotes.
    ///
    /// # Errors
    /// What the `validate-config` of either complains of.
    pub async fn install_over(
        &self,
        binding: Binding,
        fallback: Option<Arc<Binding>>,
        catalog: Catalog,
        currency: Currency,
    ) -> Result<(), Vec<Problem>> {
        let plugins = MerchantPlugins {
            bindings: vec![Arc::new(binding)],
            fallback,
            catalog: Arc::new(catalog),
            currency,
        };
        let installed = self.plugins.install(MerchantId::new(MERCHANT), plugins).await;
        let _ = self.recorder.take();
        installed
    }

    /// Make a call, and commit what it staged if it gave an answer.
    ///
    /// # Errors
    /// When the component lacks the function, an argument does not fit, or what was staged cannot be committed.
    pub async fn call(&self, mut question: Question) -> Result<Tried, TrialError> {
        let function = question.function;
        let mut phase = self.open(&question).map_err(|_| absent(function, None))?;
        phase.dice = question.dice;
        let binding = phase.routes.bindings.first().map(Arc::clone);
        let binding = binding.ok_or_else(|| absent(function, None))?;
        let signature = Signature::find(&binding.component, function);
        let signature = signature.ok_or_else(|| absent(function, Some(&binding)))?;
        let call = Call::new(&signature, &question)?;
        let lent = match function {
            Function::Charge => self.lend(&mut phase, call.idempotency_key(), &mut question).await,
            _ => Ok(()),
        };
        let name = phase.name(Some(0), function);
        let mark = phase.mark();
        let began = Instant::now();
        let ended = match lent {
            Ok(()) => phase.run(&name, Some(0), call.asking(&question)).await,
            Err(fault) => Err(fault),
        };
        let spoken = match ended {
            Ok(Ok(spoken)) => self.judged(&question, &name, spoken),
            // `run` passes on what the call itself gives, and that is never the typed failure.
            Ok(Err(_)) => Spoken::nothing(name.fault("host", "the answer was lost"), began.elapsed()),
            Err(fault) => Spoken::nothing(fault, began.elapsed()),
        };
        if !keeps_its_effects(function, &spoken.answer) {
            phase.roll_back(mark);
        }
        let end = phase.end();
        let record = self.recorder.take();
        if question.commit && function.data() == Access::Write {
            self.data.commit(&end.staged)?;
        }
        Ok(Tried {
            answer: spoken.answer,
            record,
            elapsed: spoken.elapsed,
            answer_bytes: spoken.bytes,
        })
    }

    /// What a host would not take is a fault, before anything of it is kept.
    fn judged(&self, question: &Question, name: &CallName, spoken: Spoken) -> Spoken {
        let limit = self.limits.of(question.function.kind()).guest_to_host_bytes;
        let fault = if spoken.bytes > limit {
            let detail = format!("the answer has {} bytes; the limit is {limit}", spoken.bytes);
            name.fault("output-too-large", detail)
        } else if let Some(broken) = spoken.broken.as_deref() {
            name.fault("contract", broken)
        } else {
            match self.recorder.with(|record| question.exceeded(record)) {
                Some((fault, detail)) => name.fault(fault, detail),
                None => return spoken,
            }
        };
        Spoken {
            answer: Answer::Fault(fault),
            ..spoken
        }
    }

    /// Quote a cart as a host does: stock, prices, options, taxes, and the host's own arithmetic over them. Nothing is
    /// committed.
    ///
    /// # Errors
    /// What the plugin refuses, and what it breaks.
    pub async fn quote(&self, scope: PhaseScope, cart: &Cart) -> Result<Quote, CheckoutError> {
        let merchant = MerchantId::new(MERCHANT);
        let scope = PhaseScope {
            merchant: merchant.clone(),
            ..scope
        };
        let mut phase = self.plugins.open(scope).await?;
        let quoted = quoting::quote(phase.as_mut(), &self.plugins, &merchant, cart).await;
        drop(phase);
        let _ = self.recorder.take();
        quoted
    }

    /// Plugin data, to be looked at.
    #[must_use]
    pub fn data(&self) -> &MemoryData {
        &self.data
    }

    /// Whose plugin data a binding's is.
    #[must_use]
    pub fn namespace(binding: &Binding) -> Namespace {
        Namespace {
            merchant: MerchantId::new(MERCHANT),
            plugin: binding.plugin.clone(),
        }
    }

    fn open(&self, question: &Question) -> Result<PluginPhase, DecisionError> {
        self.plugins.phase(PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new(question.session.as_str()),
            kind: match question.function.capability() {
                capability if capability.name().starts_with("payments") => PhaseKind::Payment,
                _ => PhaseKind::Quote,
            },
            now: question.now,
            currency: question.currency,
            locale: question.locale.clone(),
        })
    }

    /// Give a charge its credential and its guard, as the saga does; there is nothing to write down here. A host that cannot have
    /// the profile does not charge.
    async fn lend(&self, phase: &mut PluginPhase, key: String, question: &mut Question) -> Result<(), DecisionError> {
        let profile = self.plugins.profile(&MerchantId::new(MERCHANT)).await;
        // The profile is no part of the charge.
        let _ = self.recorder.take();
        let profile = profile?;
        if let Some(lent) = &mut phase.lent {
            lent.charge = Some(ChargeGuard::new(Arc::new(NoJournal), profile.idempotency, key));
            lent.credential = question.credential.take().map(Arc::new);
        }
        Ok(())
    }
}

/// As a host has it: no effects without an answer, and none of a reservation for which there is not enough.
fn keeps_its_effects(function: Function, answer: &Answer) -> bool {
    let Answer::Value(value) = answer else {
        return false;
    };
    let is_insufficient = |names: [&str; 2]| names.iter().any(|name| value.get(name).is_some());
    function != Function::Reserve || !is_insufficient(["insufficient", "Insufficient"])
}

fn lifted(limits: &Limits) -> Limits {
    let mut limits = limits.clone();
    for calls in [
        &mut limits.decision,
        &mut limits.effect,
        &mut limits.processor,
        &mut limits.charge,
    ] {
        calls.guest_to_host_bytes = calls.guest_to_host_bytes.saturating_mul(LIFTED);
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

/// A trial is no payment: nothing has to be durable before its charge leaves.
struct NoJournal;

#[async_trait]
impl ChargeJournal for NoJournal {
    async fn charging(&self, _digest: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
