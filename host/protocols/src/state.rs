//! State shared by all requests.

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

/// State of the HTTP edge: the merchants, the checkout service, and the requests in progress. Cheap to clone.
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
    /// State for these merchants.
    ///
    /// If two merchants have the same host name, the first one gets it; the configuration rejects this earlier.
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

    /// Set the observer that is called after every request.
    #[must_use]
    pub fn watched_by(self, watch: Option<Arc<dyn Watch>>) -> Self {
        Self { watch, ..self }
    }

    /// Set whether `/readyz` answers 200. A server that shuts down sets this to `false` itself.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Set whether the store is writable. While it is not, `/readyz` answers 503.
    pub fn set_durable(&self, durable: bool) {
        self.durable.store(durable, Ordering::Relaxed);
    }

    /// Check that a merchant is in service.
    ///
    /// # Errors
    /// 503 with the public reason if it is out of service.
    pub(crate) fn in_service(&self, merchant: &MerchantEdge) -> Result<(), Problem> {
        match self.service.outages().of(&merchant.id) {
            Some(outage) => Err(Problem::out_of_service(&outage.reason())),
            None => Ok(()),
        }
    }

    /// Body of `/readyz` of a host that is ready: `ready`, and a line for each merchant that is out of service.
    pub(crate) fn readiness(&self) -> String {
        let outages = self.service.outages().each();
        let lines = outages.map(|(merchant, outage)| format!("out of service: {merchant}: {}\n", outage.reason()));
        iter::once("ready\n".to_owned()).chain(lines).collect()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.durable.load(Ordering::Relaxed)
    }

    /// The merchant with this id.
    pub(crate) fn merchant(&self, id: &str) -> Option<Arc<MerchantEdge>> {
        self.merchants.by_id.get(id).cloned()
    }

    /// The merchant for the value of a `Host` header, with or without a port.
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
