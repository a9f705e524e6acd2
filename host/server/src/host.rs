//! A host: the parts put together from a configuration, started and stopped as one.

pub mod assembly;
pub mod bindings;
pub mod edges;
pub mod error;
mod limits;
mod probe;
pub mod swap;
mod webhooks;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::admin::AdminServer;
use crate::config::{Config, MerchantConfig, PaymentsConfig, StoreConfig, StoreUrl};
use crate::system::{RandomIds, SystemClock};
use tillhouse_checkout::ids::{HostId, Ids, MerchantId};
use tillhouse_checkout::merchant::{Merchant, Merchants};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::service::Checkout;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit::Claimant;
use tillhouse_egress::{Client, Upstream};
use tillhouse_payments::operator::Operator;
use tillhouse_payments::stripe::{Stripe, StripeAccount};
use tillhouse_payments::till::Till;
use tillhouse_payments::{Driven, Payments, Timings};
use tillhouse_protocols::{Edges, Server, Watch};
use tillhouse_runtime::{Code, Observer, Plugins};
use tillhouse_store::{Engine, PostgresSettings, SqliteSettings, StoreSettings};

use assembly::Assembly;
use bindings::Bundled;
use error::StartError;
use swap::{Release, SwapError, Swapped};

/// How long others leave work alone that this host has taken on and does not renew, unless the operator says otherwise.
const LEASE: Duration = Duration::from_secs(30);

/// For deliveries and lookups under way to end. Each is bounded by the time of its requests.
const WORKERS_DRAIN: Duration = Duration::from_secs(30);

/// What a host is made of beside its configuration. Tests and the demo put their own parts in.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// The bundled reference component: serves every capability that a merchant's plugins do not.
    pub bundled: Option<Bundled>,
    /// Told of every plugin call.
    pub observer: Option<Arc<dyn Observer>>,
    /// Told of every request.
    pub watch: Option<Arc<dyn Watch>>,
    /// How long payments may take.
    pub timings: Timings,
    /// How long others leave work alone that this host has taken on and does not renew.
    pub lease: Duration,
    /// Compiled code that this host shares with others of the process. Without it, the host has an engine of its own.
    pub code: Option<Code>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            bundled: None,
            observer: None,
            watch: None,
            timings: Timings::default(),
            lease: LEASE,
            code: None,
        }
    }
}

/// A running host.
#[derive(Debug)]
pub struct Host {
    /// Where it listens.
    pub address: SocketAddr,
    /// The domain.
    pub till: Till,
    /// The plugin runtime.
    pub plugins: Plugins,
    /// The store.
    pub store: Engine,
    server: Server,
    admin: Option<AdminServer>,
    payments_drain: Duration,
    workers: TaskTracker,
    stop: CancellationToken,
}

impl Host {
    /// Start: open the store, load the plugins, take up what an earlier life left open, then listen.
    ///
    /// # Errors
    /// Everything that is wrong with plugins and catalogs where no merchant can be served, or the first thing that cannot be had
    /// from the machine.
    pub async fn start(config: &Config, parts: Parts) -> Result<Self, StartError> {
        let assembly = Assembly::open(config, &parts).await?;
        assembly.load(config, parts.bundled.as_ref()).await?;
        Self::serve(assembly, config, &parts).await
    }

    /// Listen and work, over parts that are put together and loaded.
    ///
    /// # Errors
    /// When a listener cannot be had, or the start cannot be written into the audit log.
    pub async fn serve(assembly: Assembly, config: &Config, parts: &Parts) -> Result<Self, StartError> {
        let till = assembly.till.clone();
        let merchants = config
            .merchants
            .iter()
            .map(|(id, merchant)| edges::merchant(id, merchant))
            .collect();
        let edges = Edges::new(
            merchants,
            Arc::new(till.clone()),
            Arc::clone(&parts.ids),
            edges::limits(&config.server),
        )
        .watched_by(parts.watch.clone());
        // A start that cannot be written down fails; until then nobody is to be sent here.
        edges.set_durable(false);
        let server = Server::bind(config.server.listen, edges.clone())
            .await
            .map_err(|error| StartError::Machine(format!("{} cannot be listened on: {error}", config.server.listen)))?;
        let operator = assembly.operator(config, parts, Some(server.address()));
        let admin = match admit_operators(config, operator).await {
            Ok(admin) => admin,
            Err(error) => {
                server.shutdown().await;
                return Err(error);
            }
        };
        edges.set_durable(true);
        let (workers, stop) = (TaskTracker::new(), CancellationToken::new());
        workers.spawn(Arc::clone(&till.payments).deliver_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).settle_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).renew_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).sweep_forever(stop.clone()));
        workers.spawn(probe::watch(
            assembly.store.store(),
            Arc::clone(&parts.clock),
            edges,
            stop.clone(),
        ));
        let Assembly { plugins, store, .. } = assembly;
        Ok(Self {
            address: server.address(),
            till,
            plugins,
            store,
            server,
            admin,
            payments_drain: config.server.payments_drain_timeout,
            workers,
            stop,
        })
    }

    /// Say that no more requests are wanted, and go on taking them: `/readyz` answers 503 from now on.
    pub fn unready(&self) {
        self.server.unready();
    }

    /// Let another release take the place of a plugin that a merchant has of its own. No request is refused for it: phases that are
    /// open keep what they began with, and those that begin afterwards have the new release.
    ///
    /// # Errors
    /// Everything that is wrong with the release; the one in force then goes on.
    pub async fn swap(&self, merchant: &MerchantId, release: Release) -> Result<Swapped, SwapError> {
        if let Some(outage) = self.till.checkout.outages.of(merchant) {
            return Err(SwapError(vec![format!(
                "merchant {merchant} is out of service: {}; correct that, see with tillhouse doctor, and start the host anew",
                outage.problems.join("; ")
            )]));
        }
        swap::swap(&self.plugins, merchant, release).await
    }

    /// Stop: no new requests; those under way end, and payments under way after them, each within its time; leases are let go and
    /// the store is closed.
    ///
    /// A payment that takes longer stays at its last recovery point: with the store closed nothing can be
    /// committed, and so nothing new be sent, and the next start goes on from there. `false` when something was left like that:
    /// its task must then end with the process, because the future of a guest call is never dropped half-way.
    pub async fn stop(self) -> bool {
        let mut all = self.server.shutdown().await;
        let payments = &self.till.payments;
        payments.stopping.cancel();
        payments.tasks.close();
        if timeout(self.payments_drain, payments.tasks.wait()).await.is_err() {
            all = false;
            warn!(
                count = payments.tasks.len(),
                "payments stay at their last recovery points"
            );
        }
        self.stop.cancel();
        self.workers.close();
        if timeout(WORKERS_DRAIN, self.workers.wait()).await.is_err() {
            all = false;
            warn!("deliveries or lookups were still under way at the end");
        }
        if let Some(admin) = self.admin {
            admin.shutdown().await;
        }
        payments.let_go().await;
        self.store.close().await;
        all
    }
}

/// Write the start down, and answer operators from now on.
async fn admit_operators(config: &Config, operator: Operator) -> Result<Option<AdminServer>, StartError> {
    let started = operator.started().await;
    started.map_err(|error| StartError::Machine(error.to_string()))?;
    let Some(path) = &config.admin.socket else {
        return Ok(None);
    };
    let bound = AdminServer::bind(path, operator).await;
    Ok(Some(bound.map_err(|error| StartError::Machine(error.to_string()))?))
}

fn till(
    config: &Config,
    parts: &Parts,
    store: Arc<dyn Store>,
    plugins: &Plugins,
    client: Client,
) -> Result<Till, StartError> {
    let plugins = match &parts.observer {
        Some(observer) => plugins.observed_by(Arc::clone(observer)),
        None => plugins.clone(),
    };
    let merchants: Merchants = config
        .merchants
        .iter()
        .map(|(id, merchant)| profile(id, merchant))
        .collect();
    let checkout = Checkout {
        store,
        decisions: Arc::new(plugins.clone()),
        merchants: Arc::new(merchants),
        outages: Arc::default(),
        clock: Arc::clone(&parts.clock),
        ids: Arc::clone(&parts.ids),
    };
    let payments = Payments {
        checkout: checkout.clone(),
        processor: Arc::new(plugins),
        tokens: Arc::new(Stripe::new(client.clone(), accounts(config)?, Arc::clone(&parts.clock))),
        announcer: Arc::new(webhooks::webhooks(config, client)?),
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
        claimant: Claimant {
            host: HostId::new(parts.ids.next("host")),
            lease: config.payments.lease.unwrap_or(parts.lease),
        },
        outbox_wake: Notify::new(),
        settle_wake: Notify::new(),
        driven: Driven::default(),
        timings: timings(&config.payments, parts.timings.clone()),
    };
    Ok(Till {
        checkout,
        payments: Arc::new(payments),
    })
}

fn profile(id: &MerchantId, merchant: &MerchantConfig) -> Merchant {
    Merchant {
        id: id.clone(),
        currency: merchant.currency,
        session_ttl: merchant.session_ttl,
        statement: merchant.statement_descriptor.clone(),
    }
}

fn accounts(config: &Config) -> Result<BTreeMap<MerchantId, StripeAccount>, StartError> {
    let mut accounts = BTreeMap::new();
    for (id, merchant) in &config.merchants {
        let Some(stripe) = &merchant.stripe else { continue };
        let mut upstream = Upstream::new("stripe", stripe.base_url.as_str())
            .map_err(|error| StartError::Wrong(vec![format!("merchants.{id}.stripe.base_url: {error}")]))?;
        upstream.allow_http = stripe.allow_http;
        upstream.allow_private = stripe.allow_loopback;
        upstream.timeout = stripe.timeout;
        let account = StripeAccount {
            upstream,
            key: Arc::clone(&stripe.secret_key),
            version: Some(stripe.version.clone()),
            livemode: stripe.livemode,
        };
        accounts.insert(id.clone(), account);
    }
    Ok(accounts)
}

/// The settings of the engine that the configuration names.
pub fn store_settings(config: &StoreConfig) -> StoreSettings {
    match &config.url {
        StoreUrl::Sqlite { folder } => StoreSettings::Sqlite(SqliteSettings {
            readers: config.readers,
            group_max: config.group_max,
            ..SqliteSettings::new(folder)
        }),
        StoreUrl::Postgres { url, password, ca } => StoreSettings::Postgres(PostgresSettings {
            url: Arc::clone(url),
            password: password.clone(),
            ca: ca.clone(),
            connections: config.connections,
            statement_timeout: config.statement_timeout,
        }),
    }
}

/// The waits of the parts, where the operator did not set others.
fn timings(config: &PaymentsConfig, built_in: Timings) -> Timings {
    Timings {
        lookups: config.lookups.clone().unwrap_or(built_in.lookups),
        absence_floor: config.absence_floor.unwrap_or(built_in.absence_floor),
        outbox_tick: config.outbox_tick.unwrap_or(built_in.outbox_tick),
        ..built_in
    }
}
