//! A host: the parts put together from a configuration, started and stopped as one.

pub mod bindings;
pub mod edges;
pub mod error;
mod limits;
mod probe;
mod webhooks;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::checkout::ids::{HostId, Ids, MerchantId};
use crate::checkout::merchant::{Merchant, Merchants};
use crate::checkout::ports::{Decisions, Processor, Store};
use crate::checkout::service::Checkout;
use crate::checkout::time::Clock;
use crate::checkout::unit::Claimant;
use crate::config::{Config, MerchantConfig, PaymentsConfig, StoreConfig, StoreUrl};
use crate::egress::{Client, Upstream};
use crate::http::{Edges, Server};
use crate::observe::{Observed, Observer};
use crate::payments::stripe::{Stripe, StripeAccount};
use crate::payments::{Driven, Payments, Timings};
use crate::plugin::{Code, EngineError, Plugins};
use crate::store::{Engine, PostgresSettings, SqliteSettings, StoreSettings};
use crate::system::{RandomIds, SystemClock};
use crate::till::Till;

use bindings::Bundled;
use error::StartError;

/// How long others leave work alone that this host has taken on and does not renew.
const LEASE: Duration = Duration::from_secs(30);

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
    /// How long payments may take.
    pub timings: Timings,
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
            timings: Timings::default(),
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
    workers: TaskTracker,
    stop: CancellationToken,
}

impl Host {
    /// Start: open the store, load the plugins, take up what an earlier life left open, then listen.
    ///
    /// # Errors
    /// Everything that is wrong with plugins and catalogs, or the first thing that cannot be had from the machine.
    pub async fn start(config: &Config, parts: Parts) -> Result<Self, StartError> {
        let store = Engine::open(&store_settings(&config.store), Arc::clone(&parts.clock)).await?;
        let client = Client::new().map_err(|error| StartError::Machine(error.to_string()))?;
        let engine = limits::engine_settings(&config.plugins);
        let machine = |error: EngineError| StartError::Machine(error.to_string());
        let plugins = Plugins::sharing(
            parts
                .code
                .clone()
                .map_or_else(|| Code::new(&engine), Ok)
                .map_err(machine)?,
            &engine,
            store.store(),
            Arc::clone(&parts.clock),
            client.clone(),
        )
        .map_err(machine)?;
        bindings::install(&plugins, config, parts.bundled.as_ref()).await?;

        let till = till(config, &parts, store.store(), &plugins, client)?;
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
        );
        let server = Server::bind(config.server.listen, edges.clone())
            .await
            .map_err(|error| StartError::Machine(format!("{} cannot be listened on: {error}", config.server.listen)))?;
        let (workers, stop) = (TaskTracker::new(), CancellationToken::new());
        workers.spawn(Arc::clone(&till.payments).deliver_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).settle_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).renew_forever(stop.clone()));
        workers.spawn(Arc::clone(&till.payments).sweep_forever(stop.clone()));
        workers.spawn(probe::watch(
            store.store(),
            Arc::clone(&parts.clock),
            edges,
            stop.clone(),
        ));
        Ok(Self {
            address: server.address(),
            till,
            plugins,
            store,
            server,
            workers,
            stop,
        })
    }

    /// Stop: no new requests, the ones under way end, payments under way end or stay at a recovery point, the store is closed.
    pub async fn stop(self) {
        self.server.shutdown().await;
        self.till.payments.tasks.close();
        self.till.payments.tasks.wait().await;
        self.stop.cancel();
        self.workers.close();
        self.workers.wait().await;
        self.till.payments.let_go().await;
        self.store.close().await;
    }
}

fn till(
    config: &Config,
    parts: &Parts,
    store: Arc<dyn Store>,
    plugins: &Plugins,
    client: Client,
) -> Result<Till, StartError> {
    let (decisions, processor): (Arc<dyn Decisions>, Arc<dyn Processor>) = match &parts.observer {
        Some(observer) => {
            let watched = Observed {
                inner: plugins.clone(),
                observer: Arc::clone(observer),
            };
            (Arc::new(watched.clone()), Arc::new(watched))
        }
        None => (Arc::new(plugins.clone()), Arc::new(plugins.clone())),
    };
    let merchants: Merchants = config
        .merchants
        .iter()
        .map(|(id, merchant)| profile(id, merchant))
        .collect();
    let checkout = Checkout {
        store,
        decisions,
        merchants: Arc::new(merchants),
        clock: Arc::clone(&parts.clock),
        ids: Arc::clone(&parts.ids),
    };
    let payments = Payments {
        checkout: checkout.clone(),
        processor,
        tokens: Arc::new(Stripe::new(client.clone(), accounts(config)?)),
        announcer: Arc::new(webhooks::webhooks(config, client)?),
        tasks: TaskTracker::new(),
        claimant: Claimant {
            host: HostId::new(parts.ids.next("host")),
            lease: LEASE,
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

fn store_settings(config: &StoreConfig) -> StoreSettings {
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
