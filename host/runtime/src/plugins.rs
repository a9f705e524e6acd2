//! The plugin runtime of a host: the plugins of every merchant, and the phases that call them.

mod decisions;
pub mod inventory;
pub mod replace;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use moka::future::Cache;

use crate::api::capability::Capability;
use crate::api::from_wit;
use crate::api::function::Function;
use crate::call::export_call::call_with;
use crate::call::observer::{Observer, SessionObserver};
use crate::call::phase::PluginPhase;
use crate::call::shared::Shared;
use crate::component::cache::SharedEngine;
use crate::component::package::{Component, PackageError};
use crate::config::code;
use crate::engine::workers::Workers;
use crate::engine::{EngineError, EngineSettings};
use crate::guest::cpu_time::ThreadCpuClock;
use crate::guest::quota::DataQuota;
use crate::merchant::routes::{self, MerchantPlugins, MerchantRoutes, Routes};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope, PluginData};
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

/// Maximum number of cached item descriptions, and how long each is kept.
const DESCRIPTIONS: u64 = 10_000;
const DESCRIPTIONS_LIFE: Duration = Duration::from_secs(15 * 60);

/// The plugin runtime. Cheap to clone; dropping the last clone stops the engine and its threads.
#[derive(Clone, Debug)]
pub struct Plugins {
    pub(crate) shared: Arc<Shared>,
    observer: Option<Arc<dyn Observer>>,
}

impl Plugins {
    /// Start the engine and the threads for guest code.
    ///
    /// # Errors
    /// When the engine cannot be created or a thread does not start.
    pub fn new(
        settings: &EngineSettings,
        store: Arc<dyn PluginData>,
        clock: Arc<dyn Clock>,
        client: Client,
    ) -> Result<Self, EngineError> {
        Self::with_engine(SharedEngine::new(settings)?, settings, store, clock, client)
    }

    /// Like [`new`](Self::new), but with an existing engine that other runtimes may share.
    ///
    /// The engine keeps the settings that it was created with. Of `settings`, only `limits`, `workers`, `metered` and `recorder`
    /// apply.
    ///
    /// # Errors
    /// When a thread does not start.
    pub fn with_engine(
        engine: SharedEngine,
        settings: &EngineSettings,
        store: Arc<dyn PluginData>,
        clock: Arc<dyn Clock>,
        client: Client,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                workers: Workers::start(settings.workers)?,
                limits: settings.limits.clone(),
                routes: Routes::default(),
                catalogs: AtomicU64::default(),
                store,
                quota: DataQuota::new(settings.limits.data),
                clock,
                cpu_clock: Arc::new(ThreadCpuClock),
                client,
                metered: settings.metered,
                recorder: settings.recorder.clone(),
                profiles: Cache::new(1_000),
                descriptions: Cache::builder()
                    .max_capacity(DESCRIPTIONS)
                    .time_to_live(DESCRIPTIONS_LIFE)
                    .build(),
            }),
            observer: None,
        })
    }

    /// A clone of this runtime that reports the plugin calls made through it to `observer`.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            observer: Some(observer),
        }
    }

    /// Check and compile a component, or take it from the cache of compiled components.
    ///
    /// # Errors
    /// When the bytes are not a component that implements this contract.
    pub async fn load(&self, bytes: Vec<u8>) -> Result<Arc<Component>, PackageError> {
        self.shared.engine.0.load(&self.shared.workers, bytes).await
    }

    /// Install the plugins of a merchant, replacing those it had.
    ///
    /// [`prepare`](Self::prepare) and [`activate`](Self::activate) in one.
    ///
    /// # Errors
    /// All problems of all plugins; the merchant then keeps the plugins it had.
    pub async fn install(&self, merchant: MerchantId, plugins: MerchantPlugins) -> Result<(), Vec<Diagnostic>> {
        let prepared = self.prepare(merchant, plugins).await?;
        self.activate(prepared);
        Ok(())
    }

    pub(crate) async fn validate(&self, merchant: &MerchantId, routes: &Arc<MerchantRoutes>) -> Vec<Diagnostic> {
        let mut phase = self.detached_phase(merchant, Arc::clone(routes), PhaseKind::Quote);
        let mut errors = Vec::new();
        for (index, binding) in routes.bindings.iter().enumerate() {
            if !binding.component.capabilities().contains(Capability::Lifecycle) {
                continue;
            }
            // `validate-config` has no error case: its result is the list of diagnostics.
            let guest_call = call_with(move |instance| {
                Box::pin(async move {
                    let (running, component) = instance.running().await?;
                    let indices = component.exports.lifecycle.as_ref();
                    let indices = indices.ok_or_else(|| wasmtime::format_err!("lifecycle is not exported"))?;
                    let guest = indices.load(&mut instance.store, &running)?;
                    guest.call_validate_config(&mut instance.store).await.map(Ok)
                })
            });
            let found = phase
                .call_binding(Some(index), Function::ValidateConfig, guest_call, from_wit::diagnostics)
                .await
                .unwrap_or_else(|error| vec![("validate-config".to_owned(), error.to_string())]);
            let error = |(key, message): (String, String)| {
                Diagnostic::error(code::INVALID, routes::place(binding, &key), message)
            };
            errors.extend(found.into_iter().map(error));
        }
        errors
    }

    pub(crate) fn routes(&self, merchant: &MerchantId) -> Result<Arc<MerchantRoutes>, DecisionError> {
        let found = self.shared.routes.of(merchant);
        found.ok_or_else(|| DecisionError::Misconfigured {
            plugin: "(none)".to_owned(),
            function: "open",
            detail: format!("merchant {merchant} has no plugins"),
        })
    }

    pub(crate) fn phase(&self, scope: PhaseScope) -> Result<PluginPhase, DecisionError> {
        let routes = self.routes(&scope.merchant)?;
        Ok(PluginPhase::new(Arc::clone(&self.shared), routes, scope))
    }

    /// Like [`phase`](Self::phase), for a phase of a checkout: its calls are reported to the observer, if there is one.
    pub(crate) fn observed_phase(&self, scope: PhaseScope) -> Result<PluginPhase, DecisionError> {
        let session = scope.session.clone();
        let mut phase = self.phase(scope)?;
        phase.observer = self.observer.as_ref().map(|observer| SessionObserver {
            observer: Arc::clone(observer),
            session,
        });
        Ok(phase)
    }

    /// A detached phase: for calls that do not belong to a checkout. Its session id is empty.
    pub(crate) fn detached_phase(
        &self,
        merchant: &MerchantId,
        routes: Arc<MerchantRoutes>,
        kind: PhaseKind,
    ) -> PluginPhase {
        PluginPhase::of_merchant(Arc::clone(&self.shared), routes, merchant.clone(), kind)
    }
}
