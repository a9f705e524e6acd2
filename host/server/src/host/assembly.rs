//! The parts of a host, assembled and not yet serving.

use std::net::SocketAddr;
use std::sync::Arc;

use super::bindings::FallbackPlugin;
use super::error::StartError;
use super::feed_changes::FeedChanges;
use super::feeds::{self, DestinationParts, FeedDesk};
use super::quarantine::{self, StoreQuarantine};
use super::served::catalogs::{AtStart, CatalogParts};
use super::served::{Served, ServedParts};
use super::{HostParts, checkout_api, limits, store_settings};
use crate::config::Config;
use crate::privacy;
use tillhouse_catalog::{CatalogImporter, StoredCatalogs};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::Outages;
use tillhouse_egress::Client;
use tillhouse_feeds::{FeedParts, FeedService, FeedTimings, StockCounter};
use tillhouse_payments::api::CheckoutApi;
use tillhouse_payments::operator::served::ServedMerchants;
use tillhouse_payments::operator::{About, Operator, timestamp};
use tillhouse_payments::vault::Vault;
use tillhouse_runtime::{EngineError, Plugins, SharedEngine};
use tillhouse_store::{StoreEngine, StoreSettings};

/// An open store, with the engine and the domain on top. A host serves it; an operator's command only queries it while no host
/// runs.
#[derive(Debug)]
pub struct Assembly {
    /// The domain: checkout and payments.
    pub api: CheckoutApi,
    /// The vault for cards; `None` if the configuration has none.
    pub(super) vault: Option<Arc<Vault>>,
    /// The plugin runtime; without plugins until [`Assembly::load`].
    pub plugins: Plugins,
    /// The open store; closed by [`Assembly::close`].
    pub store: StoreEngine,
    /// What serves the merchants: nothing until [`Assembly::load`].
    pub(super) served: Arc<Served>,
    /// The catalogs of all merchants, as plugins read them.
    pub catalogs: StoredCatalogs,
    /// The uploads of product feeds.
    pub(super) feeds: FeedService,
    /// What is compared with them.
    pub(super) feed_changes: FeedChanges,
    merchants: Arc<[MerchantId]>,
    /// Set if the store went back in time, and was put into quarantine when it was opened.
    pub(super) quarantined: Option<StoreQuarantine>,
}

impl Assembly {
    /// Opens the store and starts the engine. No merchant has plugins yet.
    ///
    /// # Errors
    /// The first resource that cannot be opened.
    pub async fn open(config: &Config, parts: &HostParts) -> Result<Self, StartError> {
        Self::open_with_store(&store_settings(&config.store).without_memory(), config, parts).await
    }

    /// Like [`Assembly::open`], for a host that serves: only its user, or root, may change what it works with, and a store that went back
    /// in time is put into quarantine first.
    ///
    /// # Errors
    /// The first resource that cannot be opened, or a quarantine that was not completed.
    pub async fn open_to_serve(config: &Config, parts: &HostParts) -> Result<Self, StartError> {
        let exposed = privacy::exposures(config);
        if !exposed.is_empty() {
            return Err(StartError::Exposed(exposed));
        }
        let mut assembly = Self::open_with_store(&store_settings(&config.store), config, parts).await?;
        let quarantined =
            quarantine::quarantine_if_rewound(&assembly.store, parts.clock.as_ref(), assembly.api.payments().host());
        assembly.quarantined = quarantined
            .await
            .map_err(|error| StartError::Resource(format!("the store cannot be put into quarantine: {error}")))?;
        Ok(assembly)
    }

    /// Like [`Assembly::open`], with another store than that of the configuration.
    ///
    /// # Errors
    /// The first resource that cannot be opened.
    pub async fn open_with_store(
        settings: &StoreSettings,
        config: &Config,
        parts: &HostParts,
    ) -> Result<Self, StartError> {
        let store = StoreEngine::open(settings, Arc::clone(&parts.clock)).await?;
        let client = Client::new().map_err(|error| StartError::Resource(error.to_string()))?;
        let engine = limits::engine_settings(&config.plugins);
        let machine = |error: EngineError| StartError::Resource(error.to_string());
        let code = parts.code.clone().map_or_else(|| SharedEngine::new(&engine), Ok);
        let plugins = Plugins::with_engine(
            code.map_err(machine)?,
            &engine,
            store.store(),
            Arc::clone(&parts.clock),
            client.clone(),
        )
        .map_err(machine)?;
        let (api, vault) = checkout_api(config, parts, store.store(), &plugins, client.clone())?;
        let feeds = feed_service(config, parts, &store, &api, client)?;
        let feed_changes = FeedChanges::new(config, &feeds).map_err(|problem| StartError::Invalid(vec![problem]))?;
        let catalogs = StoredCatalogs::new(store.catalogs(), config.catalogs.kept);
        let parts = ServedParts {
            plugins: plugins.clone(),
            outages: Arc::clone(&api.checkout().outages),
            store: store.store(),
            clock: Arc::clone(&parts.clock),
            host: api.payments().host().clone(),
            limits: engine.limits,
            catalogs: CatalogParts {
                importer: CatalogImporter::new(store.catalogs(), api.payments().lease_holder().clone()),
                sources: catalogs.clone(),
                store: store.catalogs(),
                feeds: store.feeds(),
                settings: config.catalogs,
            },
        };
        Ok(Self {
            catalogs,
            feeds,
            feed_changes,
            api,
            vault,
            plugins,
            store,
            served: Arc::new(Served::new(parts, config.plugins.release_folder.as_deref())),
            merchants: config.merchants.keys().cloned().collect(),
            quarantined: None,
        })
    }

    /// Installs the plugins of every merchant, and imports the catalog files that changed. A merchant for which that fails is out of
    /// service, and the log says why.
    ///
    /// # Errors
    /// All errors of plugins, manifests and catalogs, if no merchant can be served.
    pub async fn load(&self, config: &Config, bundled: Option<&FallbackPlugin>) -> Result<(), StartError> {
        Box::pin(self.served.start(config, bundled, AtStart::Import)).await
    }

    /// Like [`Assembly::load`], with the catalogs as they are in the store: for a command that does not serve.
    ///
    /// # Errors
    /// All errors of plugins and manifests, if no merchant can be served.
    pub async fn load_as_stored(&self, config: &Config, bundled: Option<&FallbackPlugin>) -> Result<(), StartError> {
        Box::pin(self.served.start(config, bundled, AtStart::Leave)).await
    }

    /// The merchants that are out of service, and why.
    #[must_use]
    pub fn outages(&self) -> &Outages {
        &self.api.checkout().outages
    }

    /// The plugins and catalogs that serve the merchants; none until [`Assembly::load`].
    #[must_use]
    pub fn served(&self) -> &dyn ServedMerchants {
        self.served.as_ref()
    }

    /// The operations for operators, on these parts.
    #[must_use]
    pub fn operator(&self, config: &Config, parts: &HostParts, address: Option<SocketAddr>) -> Operator {
        let about = About {
            host: self.api.payments().host().clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: address.map(|address| address.to_string()),
            started: timestamp::text(parts.clock.now()),
            configuration: config.digest.clone(),
            plugins: Vec::new(),
            out_of_service: Vec::new(),
        };
        Operator::new(
            self.api.payments().clone(),
            self.store.maintenance(),
            Arc::clone(&self.merchants),
            Arc::clone(&self.served) as _,
            about,
        )
        .with_feeds(Arc::new(FeedDesk(self.feeds.clone())))
        .with_feed_changes(Arc::new(self.feed_changes.clone()))
    }

    /// Releases the leases and closes the store.
    pub async fn close(&self) {
        self.api.payments().recovery().release_leases().await;
        self.store.close().await;
    }
}

fn feed_service(
    config: &Config,
    parts: &HostParts,
    store: &StoreEngine,
    api: &CheckoutApi,
    client: Client,
) -> Result<FeedService, StartError> {
    let timings = FeedTimings {
        retention: config.retention.feeds.unwrap_or(parts.feeds.retention),
        ..parts.feeds.clone()
    };
    let made_of = DestinationParts {
        client: &client,
        clock: &parts.clock,
        store,
        timings: &timings,
    };
    let parts = Arc::new(FeedParts {
        queue: store.feeds(),
        catalogs: store.catalogs(),
        store: store.store(),
        decisions: Arc::clone(&api.checkout().decisions),
        clock: Arc::clone(&parts.clock),
        ids: Arc::clone(&parts.ids),
        holder: api.payments().lease_holder().clone(),
        destinations: feeds::destinations(config, &made_of)?,
        spool: feeds::spool(config),
        client,
        timings,
    });
    let counter = StockCounter::new(Arc::clone(&parts));
    let service = FeedService::new(parts);
    Ok(service.with_counted(Arc::new(counter)))
}
