//! Test support: a runtime without a database, and sample requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::guest::phase_catalog::PhaseCatalog;
use crate::{Binding, Component, EngineSettings, MerchantPlugins, Plugins, SharedEngine};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::{Operation, PricedCart, RiskRequest, TokenAgent};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{MerchantId, PluginId, SessionId};
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::plugin_data::{DataUsage, Namespace, VersionedValue};
use tillhouse_checkout::ports::{DecisionError, Decisions, PhaseKind, PhaseScope, PluginData, StoreError};
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_egress::Client;

pub(crate) fn host() -> Plugins {
    host_with(|_| {})
}

pub(crate) fn host_with(change: impl FnOnce(&mut EngineSettings)) -> Plugins {
    let mut settings = settings();
    change(&mut settings);
    host_of(SharedEngine::new(&settings).unwrap(), &settings)
}

pub(crate) fn settings() -> EngineSettings {
    EngineSettings {
        max_instances: 16,
        ..EngineSettings::default()
    }
}

pub(crate) fn host_of(engine: SharedEngine, settings: &EngineSettings) -> Plugins {
    let store = Arc::new(MemoryStore::default());
    Plugins::with_engine(engine, settings, store, Arc::new(Noon), Client::new().unwrap()).unwrap()
}

pub(crate) async fn install(plugins: &Plugins, bytes: Vec<u8>) {
    install_for("acme", plugins, bytes).await;
}

pub(crate) async fn install_for(name: &str, plugins: &Plugins, bytes: Vec<u8>) {
    let component = plugins.load(bytes).await.unwrap();
    let plugins_of = merchant_plugins(vec![binding("shop", &component)]);
    plugins.install(merchant(name), plugins_of).await.unwrap();
}

pub(crate) fn binding(plugin: &str, component: &Arc<Component>) -> Arc<Binding> {
    Arc::new(Binding::new(PluginId::new(plugin), "1.0.0", Arc::clone(component)))
}

pub(crate) fn merchant_plugins(bindings: Vec<Arc<Binding>>) -> MerchantPlugins {
    MerchantPlugins {
        bindings,
        fallback: None,
        catalog: Arc::new(Catalog::default()),
        currency: Currency::new("USD").unwrap(),
        limits: None,
    }
}

pub(crate) fn merchant(name: &str) -> MerchantId {
    MerchantId::new(name)
}

pub(crate) fn scope(name: &str) -> PhaseScope {
    PhaseScope {
        merchant: merchant(name),
        session: SessionId::new("cs_1"),
        kind: PhaseKind::Quote,
        now: Noon.now(),
        currency: Currency::new("USD").unwrap(),
        locale: None,
        time_zone: None,
        agent: Agent::default(),
        catalog: None,
        deadline: None,
    }
}

pub(crate) fn empty_catalog() -> Arc<PhaseCatalog> {
    let source = Arc::new(Catalog::default());
    Arc::new(PhaseCatalog::new(source, &scope("acme"), Arc::new(Noon)))
}

pub(crate) async fn quote(plugins: &Plugins) -> Result<PricedCart, DecisionError> {
    plugins.open(scope("acme")).await?.price(&Cart::default()).await
}

pub(crate) fn operation() -> Operation {
    Operation {
        id: "op_1".into(),
        attempt: 1,
        idempotency_key: "key_1".into(),
        reference: "ref_1".into(),
        now: Noon.now(),
    }
}

pub(crate) fn risk() -> RiskRequest {
    RiskRequest {
        cart: Cart::default(),
        total: Amount::ZERO,
        billing: None,
        card: None,
        device: Device::default(),
        signals: vec![],
        checks: vec![],
        authentication: None,
        token_agent: TokenAgent::default(),
    }
}

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_268_800_000)
    }
}

/// Plugin data in memory, without commits.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    pub(crate) values: Mutex<HashMap<(Namespace, String), VersionedValue>>,
    pub(crate) counters: Mutex<HashMap<(Namespace, String), i64>>,
}

#[async_trait]
impl PluginData for MemoryStore {
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.values.lock().unwrap().get(&at).cloned())
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.counters.lock().unwrap().get(&at).copied().unwrap_or(0))
    }

    async fn has_counter(&self, namespace: &Namespace, key: &str) -> Result<bool, StoreError> {
        let at = (namespace.clone(), key.to_owned());
        Ok(self.counters.lock().unwrap().contains_key(&at))
    }

    async fn usage(&self, namespace: &Namespace) -> Result<DataUsage, StoreError> {
        let (values, counters) = (self.values.lock().unwrap(), self.counters.lock().unwrap());
        let values = values.iter().filter(|((owner, _), _)| owner == namespace);
        let counters = counters.keys().filter(|(owner, _)| owner == namespace);
        let sizes = values.map(|((_, key), value)| key.len() + value.value.len());
        let sizes: Vec<usize> = sizes.chain(counters.map(|(_, key)| key.len() + 8)).collect();
        Ok(DataUsage {
            keys: sizes.len() as u64,
            bytes: sizes.iter().sum::<usize>() as u64,
        })
    }
}
