//! State shared by all requests.

use std::collections::HashMap;
use std::fmt;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::task::TaskTracker;

use super::error_response::ErrorResponse;
use super::idempotency::InFlight;
use super::request_observer::RequestObserver;
use super::settings::{Limits, MerchantSettings};
use super::store_condition::{StoreCondition, StoreReadiness};
use tillhouse_checkout::ids::IdGenerator;
use tillhouse_checkout::operation::CheckoutOperations;
use tillhouse_checkout::ports::FeedEvents;
use tillhouse_checkout::vault::CardVault;

/// State of the HTTP edge: the merchants, the checkout service, and the requests in progress. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub(crate) service: Arc<dyn CheckoutOperations>,
    /// The vault of the host, for the merchants that have one.
    pub(crate) vault: Option<Arc<dyn CardVault>>,
    /// The feeds of the host, which hear of imports.
    pub(crate) feeds: Option<Arc<dyn FeedEvents>>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) in_flight: InFlight,
    pub(crate) tasks: TaskTracker,
    ready: Arc<AtomicBool>,
    store: Arc<StoreReadiness>,
    merchants: Arc<Merchants>,
    pub(crate) observer: Option<Arc<dyn RequestObserver>>,
}

#[derive(Default)]
struct Merchants {
    by_id: HashMap<String, Arc<MerchantSettings>>,
    by_host: HashMap<String, Arc<MerchantSettings>>,
}

impl Merchants {
    fn add(&mut self, merchant: &Arc<MerchantSettings>) {
        for host in &merchant.hosts {
            let free = self.by_host.entry(host.to_ascii_lowercase());
            free.or_insert_with(|| merchant.clone());
        }
        let free = self.by_id.entry(merchant.id.as_str().to_owned());
        free.or_insert_with(|| merchant.clone());
    }
}

impl AppState {
    /// State for these merchants.
    ///
    /// If two merchants have the same host name, the first one gets it; the configuration rejects this earlier.
    #[must_use]
    pub fn new(
        merchants: Vec<MerchantSettings>,
        service: Arc<dyn CheckoutOperations>,
        ids: Arc<dyn IdGenerator>,
        limits: Limits,
    ) -> Self {
        let mut known = Merchants::default();
        for merchant in merchants {
            known.add(&Arc::new(merchant));
        }
        Self {
            service,
            vault: None,
            feeds: None,
            ids,
            limits: Arc::new(limits),
            in_flight: InFlight::default(),
            tasks: TaskTracker::new(),
            ready: Arc::new(AtomicBool::new(true)),
            store: Arc::default(),
            merchants: Arc::new(known),
            observer: None,
        }
    }

    /// Set the vault, to which agents delegate cards.
    #[must_use]
    pub fn with_vault(self, vault: Option<Arc<dyn CardVault>>) -> Self {
        Self { vault, ..self }
    }

    /// Set the feeds, which hear of imports that are over.
    #[must_use]
    pub fn with_feeds(self, feeds: Option<Arc<dyn FeedEvents>>) -> Self {
        Self { feeds, ..self }
    }

    /// Set the observer that is called after every request.
    #[must_use]
    pub fn with_observer(self, watch: Option<Arc<dyn RequestObserver>>) -> Self {
        Self {
            observer: watch,
            ..self
        }
    }

    /// Set whether `/readyz` answers 200. A server that shuts down sets this to `false` itself.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Set the condition of the store. While it is not writable, `/readyz` answers 503 and says why.
    pub fn set_store_condition(&self, condition: StoreCondition) {
        self.store.set_condition(condition);
    }

    /// Set a line of `/readyz`, until the host ends: what an operator has to look at though the host is ready.
    pub fn set_store_notice(&self, notice: String) {
        self.store.set_notice(notice);
    }

    /// Check that a merchant is in service.
    ///
    /// # Errors
    /// 503 with the public reason if it is out of service.
    pub(crate) fn ensure_in_service(&self, merchant: &MerchantSettings) -> Result<(), ErrorResponse> {
        match self.service.outages().get(&merchant.id) {
            Some(outage) => Err(ErrorResponse::out_of_service(&outage.reason())),
            None => Ok(()),
        }
    }

    /// Body of `/readyz`: `ready`, a line for each merchant that is out of service, and what there is to say of the store; or why the
    /// host is not ready.
    pub(crate) fn readiness(&self) -> String {
        if !self.ready.load(Ordering::Relaxed) {
            return "not ready\n".to_owned();
        }
        if let Some(problem) = self.store.problem() {
            return format!("not ready: {problem}\n");
        }
        let outages = self.service.outages().iter();
        let lines = outages.map(|(merchant, outage)| format!("out of service: {merchant}: {}\n", outage.reason()));
        let notice = self.store.notice().map(|notice| format!("{notice}\n"));
        iter::once("ready\n".to_owned()).chain(lines).chain(notice).collect()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && self.store.problem().is_none()
    }

    /// The merchant with this id.
    pub(crate) fn merchant_by_id(&self, id: &str) -> Option<Arc<MerchantSettings>> {
        self.merchants.by_id.get(id).cloned()
    }

    /// The merchant for the value of a `Host` header, with or without a port.
    pub(crate) fn merchant_by_host(&self, host: &str) -> Option<Arc<MerchantSettings>> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        self.merchants.by_host.get(&name.to_ascii_lowercase()).cloned()
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState")
            .field("merchants", &self.merchants.by_id.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
