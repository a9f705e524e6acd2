//! A host: its parts, assembled from a configuration, started and stopped as one.

pub mod assembly;
pub mod bindings;
pub mod error;
mod feed_changes;
mod feeds;
mod limits;
mod probe;
pub mod protocol_settings;
mod quarantine;
mod served;
mod stripe_accounts;
pub mod swap;
mod vault;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::admin::AdminServer;
use crate::clock_and_ids::{RandomIds, SystemClock};
use crate::config::{Config, MerchantConfig, StoreConfig, StoreUrl};
use tillhouse_checkout::ids::{HostId, IdGenerator, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::merchant::{Merchant, Merchants};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::ports::{Processor as _, Store};
use tillhouse_checkout::service::CheckoutService;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;
use tillhouse_feeds::FeedTimings;
use tillhouse_payments::adyen::AdyenTokens;
use tillhouse_payments::api::CheckoutApi;
use tillhouse_payments::issuer::TokenIssuers;
use tillhouse_payments::operator::Operator;
use tillhouse_payments::stripe::Stripe;
use tillhouse_payments::vault::Vault;
use tillhouse_payments::{PaymentParts, Payments, Timings};
use tillhouse_protocols::{AppState, RequestObserver, Server, StoreCondition, ThreeDSecureSupport};
use tillhouse_runtime::{Observer, Plugins, SharedEngine};
use tillhouse_store::{PostgresSettings, SqliteSettings, StoreEngine, StoreSettings};

use assembly::Assembly;
use bindings::FallbackPlugin;
use error::StartError;
pub use feed_changes::FeedChanges;
use probe::StoreWatch;
use served::Served;
use swap::{Release, SwapError, SwapResult};

/// Default lease: other hosts take over work that this host has not renewed for this long.
const LEASE: Duration = Duration::from_secs(30);

/// Timeout at shutdown for deliveries and status checks in progress. Each has the timeout of its requests.
const WORKERS_DRAIN: Duration = Duration::from_secs(30);

/// Dependencies of a host besides its configuration. Tests and the demo replace some of them.
#[derive(Clone, Debug)]
pub struct HostParts {
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of new ids and idempotency keys.
    pub ids: Arc<dyn IdGenerator>,
    /// The bundled reference component: serves every capability that a merchant's plugins do not.
    pub bundled: Option<FallbackPlugin>,
    /// Called for every plugin call.
    pub observer: Option<Arc<dyn Observer>>,
    /// Called for every HTTP request.
    pub watch: Option<Arc<dyn RequestObserver>>,
    /// Delays and timeouts of payments, unless the configuration sets others.
    pub timings: Timings,
    /// Pauses and timeouts of uploads of product feeds.
    pub feeds: FeedTimings,
    /// Lease of work, unless the configuration sets another: other hosts take over what is not renewed for this long.
    pub lease: Duration,
    /// Compiled code shared with other hosts of the process. `None`: the host has an engine of its own.
    pub code: Option<SharedEngine>,
}

impl Default for HostParts {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            bundled: None,
            observer: None,
            watch: None,
            timings: Timings::default(),
            feeds: FeedTimings::default(),
            lease: LEASE,
            code: None,
        }
    }
}

/// A running host, until [`Host::stop`].
#[derive(Debug)]
pub struct Host {
    /// Address that the server listens on.
    pub address: SocketAddr,
    api: CheckoutApi,
    /// The plugin runtime, with the plugins of every merchant.
    pub plugins: Plugins,
    /// The open store; closed by [`Host::stop`].
    pub store: StoreEngine,
    feed_changes: FeedChanges,
    served: Arc<Served>,
    server: Server,
    admin: Option<AdminServer>,
    payments_drain: Duration,
    workers: TaskTracker,
    stop: CancellationToken,
}

impl Host {
    /// The checkout and payment services, for a program that runs a host inside itself.
    #[must_use]
    pub const fn api(&self) -> &CheckoutApi {
        &self.api
    }

    /// The feeds, and what has changed since they were uploaded.
    #[must_use]
    pub const fn feed_changes(&self) -> &FeedChanges {
        &self.feed_changes
    }

    /// Starts the host: opens the store, loads the plugins, resumes what an earlier run left open, then listens.
    ///
    /// # Errors
    /// All errors of plugins and catalogs if no merchant can be served, or the first resource that the machine does not provide.
    pub async fn start(config: &Config, parts: HostParts) -> Result<Self, StartError> {
        let assembly = Assembly::open_to_serve(config, &parts).await?;
        assembly.load(config, parts.bundled.as_ref()).await?;
        Self::serve(assembly, config, &parts).await
    }

    /// Serves requests and starts the background workers, with parts that are assembled and loaded.
    ///
    /// # Errors
    /// When a listener cannot be opened, or the start cannot be recorded in the audit log.
    pub async fn serve(assembly: Assembly, config: &Config, parts: &HostParts) -> Result<Self, StartError> {
        let api = assembly.api.clone();
        let merchants = config
            .merchants
            .iter()
            .map(|(id, merchant)| {
                let (plugins, of) = (assembly.plugins.clone(), id.clone());
                let authenticates = ThreeDSecureSupport::looked_up(move || plugins.capabilities(&of).authentication);
                protocol_settings::merchant_edge(id, merchant, &authenticates)
            })
            .collect();
        let app_state = AppState::new(
            merchants,
            Arc::new(api.clone()),
            Arc::clone(&parts.ids),
            protocol_settings::limits(&config.server),
        )
        .with_vault(assembly.vault.clone().map(|vault| vault as _))
        .with_feeds(Some(Arc::new(assembly.feeds.clone())))
        .with_observer(Some(assembly.feed_changes.observer(parts.watch.clone())));
        // A start that cannot be recorded fails; until then the load balancer must not send requests.
        app_state.set_store_condition(StoreCondition::NotWritable);
        let server = Server::bind(config.server.listen, app_state.clone())
            .await
            .map_err(|error| StartError::Resource(format!("cannot listen on {}: {error}", config.server.listen)))?;
        assembly.served.claim_folder()?;
        let operator = assembly.operator(config, parts, Some(server.address()));
        let admin = match open_admin_socket(config, operator.clone()).await {
            Ok(admin) => admin,
            Err(error) => {
                server.shutdown().await;
                return Err(error);
            }
        };
        app_state.set_store_condition(StoreCondition::Writable);
        let (workers, stop) = (TaskTracker::new(), CancellationToken::new());
        api.payments().spawn_workers(&workers, &stop);
        assembly.feeds.spawn_workers(&workers, &stop);
        assembly.feed_changes.spawn_workers(&workers, &stop);
        let Assembly {
            plugins,
            store,
            served,
            feed_changes,
            quarantined,
            ..
        } = assembly;
        let watch = StoreWatch::new(store.clone(), Arc::clone(&parts.clock), operator, app_state);
        workers.spawn(watch.run(quarantined, stop.clone()));
        served.watch_catalogs(config.catalogs.poll, &workers, &stop);
        served.forget_versions(&workers, &stop);
        Ok(Self {
            address: server.address(),
            api,
            plugins,
            store,
            feed_changes,
            served,
            server,
            admin,
            payments_drain: config.server.payments_drain_timeout,
            workers,
            stop,
        })
    }

    /// Reports not ready: `/readyz` answers 503 from now on, while requests are still accepted.
    pub fn unready(&self) {
        self.server.unready();
    }

    /// Replaces a merchant's own plugin by another release. No request is refused for it: open phases keep the release that they
    /// began with, and later phases use the new one.
    ///
    /// # Errors
    /// All errors of the release; the current one stays in force.
    pub async fn swap(&self, merchant: &MerchantId, release: Release) -> Result<SwapResult, SwapError> {
        Box::pin(self.served.swap(merchant, release)).await
    }

    /// Stops the host: accepts no new requests; requests in progress finish, then payments in progress, each within its timeout;
    /// leases are released and the store is closed.
    ///
    /// A payment that takes longer stays at its last recovery point: with the store closed nothing can be committed, and so
    /// nothing new is sent, and the next start resumes it. Returns `false` if a payment or worker was left like that: its task
    /// must then end with the process, because the future of a guest call must not be dropped while it runs.
    pub async fn stop(self) -> bool {
        self.served.stop_imports();
        let mut all = self.server.shutdown().await;
        let payments = self.api.payments();
        let count = payments.paying().drain(self.payments_drain).await;
        if count > 0 {
            all = false;
            warn!(
                count,
                "payments did not finish in time; the next start resumes them from their last recovery point"
            );
        }
        self.stop.cancel();
        self.workers.close();
        if timeout(WORKERS_DRAIN, self.workers.wait()).await.is_err() {
            all = false;
            warn!("deliveries or status checks did not finish in time");
        }
        if let Some(admin) = self.admin {
            admin.shutdown().await;
        }
        payments.recovery().release_leases().await;
        self.store.close().await;
        all
    }
}

/// Records the start in the audit log, and opens the admin socket.
async fn open_admin_socket(config: &Config, operator: Operator) -> Result<Option<AdminServer>, StartError> {
    let started = operator.started().await;
    started.map_err(|error| StartError::Resource(error.to_string()))?;
    let Some(path) = &config.admin.socket else {
        return Ok(None);
    };
    let bound = AdminServer::bind(path, operator).await;
    Ok(Some(bound.map_err(|error| StartError::Resource(error.to_string()))?))
}

fn checkout_api(
    config: &Config,
    parts: &HostParts,
    store: Arc<dyn Store>,
    plugins: &Plugins,
    client: Client,
) -> Result<(CheckoutApi, Option<Arc<Vault>>), StartError> {
    let plugins = match &parts.observer {
        Some(observer) => plugins.observed_by(Arc::clone(observer)),
        None => plugins.clone(),
    };
    let merchants: Merchants = config
        .merchants
        .iter()
        .map(|(id, merchant)| merchant_profile(id, merchant))
        .collect();
    let checkout = CheckoutService {
        store,
        decisions: Arc::new(plugins.clone()),
        merchants: Arc::new(merchants),
        outages: Arc::default(),
        open_sessions: Arc::default(),
        clock: Arc::clone(&parts.clock),
        ids: Arc::clone(&parts.ids),
    };
    let stripe = Stripe::new(
        client.clone(),
        stripe_accounts::accounts(config)?,
        Arc::clone(&parts.clock),
    );
    let vault = vault::of(config, &checkout);
    let mut issuers = TokenIssuers::default().with(IssuerName::Stripe, Arc::new(stripe));
    if let Some(vault) = &vault {
        issuers = issuers.with(IssuerName::Vault, Arc::clone(vault) as _);
    }
    let at_adyen = config.merchants.iter().filter(|(_, merchant)| merchant.adyen.is_some());
    let adyen = AdyenTokens::new(at_adyen.map(|(id, _)| id.clone()).collect());
    let issuers = issuers.with(IssuerName::Adyen, Arc::new(adyen));
    let payments = Payments::new(PaymentParts {
        checkout: checkout.clone(),
        processor: Arc::new(plugins),
        issuers,
        publisher: Arc::new(webhooks::webhooks(config, client)?),
        lease_holder: LeaseHolder {
            host: HostId::new(parts.ids.next("host")),
            lease: config.payments.lease.unwrap_or(parts.lease),
        },
        timings: timings(config, parts.timings.clone()),
    });
    Ok((CheckoutApi::new(checkout, payments), vault))
}

fn merchant_profile(id: &MerchantId, merchant: &MerchantConfig) -> Merchant {
    Merchant {
        id: id.clone(),
        currency: merchant.currency,
        session_ttl: merchant.session_ttl,
        cart_ttl: merchant
            .acp
            .as_ref()
            .map_or(Duration::ZERO, |acp| acp.services.cart_ttl),
        shares_sessions: merchant.share_sessions,
        max_open_sessions: merchant.max_open_sessions,
        token_issuers: token_issuers(merchant),
        charges_lower_total: merchant.charge_lower_total,
        quote_max_age: merchant.quote_max_age,
        statement: merchant.statement_descriptor.clone(),
    }
}

/// Who must be able to be told the amounts of a payment.
fn token_issuers(merchant: &MerchantConfig) -> Vec<Party> {
    let stripe = merchant.stripe.as_ref().map(|_| Party::Stripe);
    let adyen = merchant.adyen.as_ref().map(|_| Party::Adyen);
    stripe.into_iter().chain(adyen).collect()
}

/// Store settings from the configuration.
pub fn store_settings(config: &StoreConfig) -> StoreSettings {
    match &config.url {
        StoreUrl::Sqlite { folder } => StoreSettings::Sqlite(SqliteSettings {
            readers: config.readers,
            group_max: config.group_max,
            ..SqliteSettings::new(folder)
        }),
        StoreUrl::Postgres {
            url,
            password,
            ca,
            memory,
        } => StoreSettings::Postgres(PostgresSettings {
            url: Arc::clone(url),
            password: password.clone(),
            ca: ca.clone(),
            connections: config.connections,
            statement_timeout: config.statement_timeout,
            memory: Some(memory.clone()),
        }),
    }
}

/// The delays that the operator configured, and `built_in` for the rest.
fn timings(config: &Config, built_in: Timings) -> Timings {
    let payments = &config.payments;
    Timings {
        status_checks: payments.lookups.clone().unwrap_or(built_in.status_checks),
        absence_floor: payments.absence_floor.unwrap_or(built_in.absence_floor),
        authentication_timeout: payments.authentication.unwrap_or(built_in.authentication_timeout),
        outbox_tick: payments.outbox_tick.unwrap_or(built_in.outbox_tick),
        retention: config.retention.over(&built_in.retention),
        ..built_in
    }
}
