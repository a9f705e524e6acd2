//! The parts of a host, assembled and not yet serving.

use std::net::SocketAddr;
use std::sync::Arc;

use tracing::error;

use super::bindings::{self, FallbackPlugin};
use super::error::StartError;
use super::{HostParts, checkout_api, limits, store_settings};
use crate::config::Config;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::Outages;
use tillhouse_egress::Client;
use tillhouse_payments::api::CheckoutApi;
use tillhouse_payments::operator::health::{OutageView, PluginView};
use tillhouse_payments::operator::{About, Operator, timestamp};
use tillhouse_runtime::{EngineError, Plugins, SharedEngine};
use tillhouse_store::{StoreEngine, StoreSettings};

/// An open store, with the engine and the domain on top. A host serves it; an operator's command only queries it while no host
/// runs.
#[derive(Debug)]
pub struct Assembly {
    /// The domain: checkout and payments.
    pub api: CheckoutApi,
    /// The plugin runtime; without plugins until [`Assembly::load`].
    pub plugins: Plugins,
    /// The open store; closed by [`Assembly::close`].
    pub store: StoreEngine,
    merchants: Arc<[MerchantId]>,
}

impl Assembly {
    /// Opens the store and starts the engine. No merchant has plugins yet.
    ///
    /// # Errors
    /// The first resource that cannot be opened.
    pub async fn open(config: &Config, parts: &HostParts) -> Result<Self, StartError> {
        Self::open_with_store(&store_settings(&config.store), config, parts).await
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
        let api = checkout_api(config, parts, store.store(), &plugins, client)?;
        Ok(Self {
            api,
            plugins,
            store,
            merchants: config.merchants.keys().cloned().collect(),
        })
    }

    /// Installs the plugins of every merchant. A merchant for which that fails is out of service, and the log says why.
    ///
    /// # Errors
    /// All errors of plugins, manifests and catalogs, if no merchant can be served.
    pub async fn load(&self, config: &Config, bundled: Option<&FallbackPlugin>) -> Result<(), StartError> {
        let outages = bindings::install(&self.plugins, config, bundled).await?;
        for (merchant, outage) in &outages {
            for problem in &outage.details {
                error!(merchant.id = %merchant, problem, "merchant is out of service; the others are served");
            }
        }
        self.outages().set(outages);
        Ok(())
    }

    /// The merchants that are out of service, and why.
    #[must_use]
    pub fn outages(&self) -> &Outages {
        &self.api.checkout().outages
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
            plugins: inventory(&self.plugins, &self.merchants),
            out_of_service: self.outages().iter().map(OutageView::from).collect(),
        };
        Operator::new(
            self.api.payments().clone(),
            self.store.maintenance(),
            Arc::clone(&self.merchants),
            about,
        )
    }

    /// Releases the leases and closes the store.
    pub async fn close(&self) {
        self.api.payments().recovery().release_leases().await;
        self.store.close().await;
    }
}

fn inventory(plugins: &Plugins, merchants: &[MerchantId]) -> Vec<PluginView> {
    let of = |merchant: &MerchantId| {
        let merchant = merchant.clone();
        let installed = plugins.inventory(&merchant);
        installed.into_iter().map(move |installed| PluginView {
            merchant: merchant.clone(),
            plugin: installed.plugin.to_string(),
            version: installed.version,
            sha256: installed.digest.to_string(),
            serves: installed.serves.iter().map(ToString::to_string).collect(),
        })
    };
    merchants.iter().flat_map(of).collect()
}
