//! What every request needs.

use std::collections::HashMap;
use std::fmt;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::task::TaskTracker;

use super::idempotency::InFlight;
use super::problem::Problem;
use super::settings::{Limits, MerchantEdge};
use super::watch::Watch;
use tillhouse_checkout::ids::Ids;
use tillhouse_checkout::operation::Checkouts;

/// The edges of a host: the merchants, the domain behind them, and what is under way. Cheap to clone.
#[derive(Clone)]
pub struct Edges {
    pub(crate) service: Arc<dyn Checkouts>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) in_flight: InFlight,
    pub(crate) tasks: TaskTracker,
    ready: Arc<AtomicBool>,
    durable: Arc<AtomicBool>,
    merchants: Arc<Merchants>,
    pub(crate) watch: Option<Arc<dyn Watch>>,
}

#[derive(Default)]
struct Merchants {
    by_id: HashMap<String, Arc<MerchantEdge>>,
    by_host: HashMap<String, Arc<MerchantEdge>>,
}

impl Merchants {
    fn add(&mut self, merchant: &Arc<MerchantEdge>) {
        for host in &merchant.hosts {
            let free = self.by_host.entry(host.to_ascii_lowercase());
            free.or_insert_with(|| merchant.clone());
        }
        let free = self.by_id.entry(merchant.id.as_str().to_owned());
        free.or_insert_with(|| merchant.clone());
    }
}

impl Edges {
    /// Edges for these merchants.
    ///
    /// Where two merchants claim one host name, the first has it; the configuration refuses that beforehand.
    #[must_use]
    pub fn new(merchants: Vec<MerchantEdge>, service: Arc<dyn Checkouts>, ids: Arc<dyn Ids>, limits: Limits) -> Self {
        let mut known = Merchants::default();
        for merchant in merchants {
            known.add(&Arc::new(merchant));
        }
        Self {
            service,
            ids,
            limits: Arc::new(limits),
            in_flight: InFlight::default(),
            tasks: TaskTracker::new(),
            ready: Arc::new(AtomicBool::new(true)),
            durable: Arc::new(AtomicBool::new(true)),
            merchants: Arc::new(known),
            watch: None,
        }
    }

    /// With this one told of every request.
    #[must_use]
    pub fn watched_by(self, watch: Option<Arc<dyn Watch>>) -> Self {
        Self { watch, ..self }
    }

    /// Say whether `/readyz` answers 200. A stopping server says no by itself.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Say whether the store takes writes. While it does not, `/readyz` answers 503.
    pub fn set_durable(&self, durable: bool) {
        self.durable.store(durable, Ordering::Relaxed);
    }

    /// That a merchant can be served.
    ///
    /// # Errors
    /// 503 with the plain reason where it is out of service.
    pub(crate) fn in_service(&self, merchant: &MerchantEdge) -> Result<(), Problem> {
        match self.service.outages().of(&merchant.id) {
            Some(outage) => Err(Problem::out_of_service(&outage.reason())),
            None => Ok(()),
        }
    }

    /// What `/readyz` says of a host that is ready: that it is, and which merchants it cannot serve.
    pub(crate) fn readiness(&self) -> String {
        let outages = self.service.outages().each();
        let lines = outages.map(|(merchant, outage)| format!("out of service: {merchant}: {}\n", outage.reason()));
        iter::once("ready\n".to_owned()).chain(lines).collect()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.durable.load(Ordering::Relaxed)
    }

    /// The merchant of that name.
    pub(crate) fn merchant(&self, id: &str) -> Option<Arc<MerchantEdge>> {
        self.merchants.by_id.get(id).cloned()
    }

    /// The merchant of a `Host` header, with or without a port.
    pub(crate) fn merchant_at(&self, host: &str) -> Option<Arc<MerchantEdge>> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        self.merchants.by_host.get(&name.to_ascii_lowercase()).cloned()
    }
}

impl fmt::Debug for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edges")
            .field("merchants", &self.merchants.by_id.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
