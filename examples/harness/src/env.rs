//! The surroundings of one test: a plugin in a host's hands, and everything around it.

mod circumstances;
mod conversation;
mod saw;
mod story;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tillhouse::checkout::ids::{MerchantId, SessionId};
use tillhouse::checkout::ports::{PhaseKind, PhaseScope};
use tillhouse::checkout::time::{Clock, Timestamp};
use tillhouse::checkout::unit::Namespace;
use tillhouse::egress::Client;
use tillhouse::plugin::record::{LogLine, SentRequest};
use tillhouse::plugin::trial::Trial;
use tillhouse::plugin::{Binding, Capability, Component};

use crate::catalog::{Item, Shelf};
use crate::plugin::Plugin;
use crate::upstream::{Server, Upstream};
use crate::usage::Usage;
use crate::{clients, engine};
use circumstances::{Circumstances, Installation};
pub(crate) use conversation::{Asked, Said};
use saw::Sightings;

/// A plugin under test, with the host around it.
///
/// The clock stands still at 2026-01-01T00:00:00Z, random numbers repeat, the store is empty, and nothing is reachable but
/// the [`upstream`](Env::upstream)s of the manifest. What is set here holds for the calls that follow; a change between two
/// calls is like a new release over the same data.
///
/// Configuration and catalog are those that lie beside the plugin's sources (`default-config.toml` or `config.toml`;
/// `demo-catalog.csv` or `fixtures/catalog.csv`), until a test says otherwise.
#[derive(Clone, Debug)]
pub struct Env {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    plugin: Arc<Plugin>,
    component: Arc<Component>,
    trial: Trial,
    servers: BTreeMap<String, Server>,
    state: Mutex<State>,
    /// Calls of one test are made one after another, so that what was recorded belongs to one call.
    turn: tokio::sync::Mutex<()>,
}

/// What changes in the course of a test.
#[derive(Debug, Default)]
struct State {
    circumstances: Circumstances,
    installed: Option<Installation>,
    last: Usage,
    total: Usage,
    lines: Vec<LogLine>,
    requests: Vec<SentRequest>,
    sightings: Sightings,
}

/// Nothing in a trial waits for the host's clock: a call is told its time.
#[derive(Debug)]
struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Timestamp {
        Timestamp(circumstances::START_MS)
    }
}

impl Env {
    pub(crate) async fn of(plugin: Arc<Plugin>) -> Self {
        let settings = engine::settings(&plugin.code_folder());
        let code = engine::code(&settings);
        let client = Client::new().expect("a client for the upstreams");
        let trial = Trial::new(code, &settings, Arc::new(Frozen), client).expect("threads for the plugin");
        let component = trial.load(plugin.bytes.clone()).await;
        let component = component.unwrap_or_else(|error| panic!("{}: {error}", plugin.component.display()));
        let mut servers = BTreeMap::new();
        for wish in &plugin.manifest.upstreams {
            let server = Server::start(Upstream::new(&wish.name))
                .await
                .expect("a port of loopback");
            servers.insert(wish.name.clone(), server);
        }
        let state = State {
            circumstances: Circumstances::beside(&plugin),
            ..State::default()
        };
        Self {
            inner: Arc::new(Inner {
                plugin,
                component,
                trial,
                servers,
                state: Mutex::new(state),
                turn: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Set a key of the plugin's configuration; nested tables are dotted: `shipping.price`.
    pub fn config(&self, key: impl Into<String>, value: impl Into<String>) -> &Self {
        self.set(|it| it.config.insert(key.into(), value.into()))
    }

    /// Take a key of the configuration away.
    pub fn without_config(&self, key: &str) -> &Self {
        self.set(|it| it.config.remove(key))
    }

    /// Set a secret of the manifest. Until then it is `test-secret-NAME`.
    pub fn secret(&self, name: impl Into<String>, value: impl Into<String>) -> &Self {
        self.set(|it| it.secrets.insert(name.into(), value.into()))
    }

    /// Replace the catalog: CSV in the columns of the product feed.
    pub fn catalog(&self, csv: impl Into<String>) -> &Self {
        self.set(|it| it.shelf = Shelf::of(csv.into()))
    }

    /// Add an item to the catalog.
    pub fn item(&self, item: Item) -> &Self {
        self.set(|it| it.shelf.add(item))
    }

    /// Sell in this currency. Dollars until then.
    pub fn currency(&self, code: &str) -> &Self {
        self.set(|it| code.clone_into(&mut it.currency))
    }

    /// Set the clock: `2026-12-31T18:00:00Z`.
    ///
    /// # Panics
    /// When it is no time of RFC 3339.
    pub fn now(&self, time: &str) -> &Self {
        let time = circumstances::time(time);
        self.set(|it| it.now_ms = time)
    }

    /// Let time pass.
    pub fn advance(&self, by: Duration) -> &Self {
        self.set(|it| it.now_ms += u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
    }

    /// The checkout session of the calls that follow. Session and time are the seed of the plugin's random numbers.
    pub fn session(&self, id: impl Into<String>) -> &Self {
        self.set(|it| it.session = id.into())
    }

    /// The buyer's language, BCP 47.
    pub fn locale(&self, tag: impl Into<String>) -> &Self {
        self.set(|it| it.locale = Some(tag.into()))
    }

    /// The server that plays an upstream of the manifest.
    ///
    /// # Panics
    /// When the manifest has none of that name.
    #[must_use]
    #[track_caller]
    pub fn upstream(&self, name: &str) -> Upstream {
        let server = self.inner.servers.get(name);
        let names = || self.inner.servers.keys().cloned().collect::<Vec<_>>().join(", ");
        let server =
            server.unwrap_or_else(|| panic!("plugin.toml has no [[upstream]] named `{name}`; it has: {}", names()));
        server.upstream.clone()
    }

    /// What the last call used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.state().last.clone().of(&self.inner.plugin.folder)
    }

    /// What all calls of this test used: instructions and requests added up, and the largest memory.
    #[must_use]
    pub fn total_usage(&self) -> Usage {
        self.state().total.clone().of(&self.inner.plugin.folder)
    }

    /// The lines that the plugin logged, oldest first, as the host's log has them.
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        self.state().lines.clone()
    }

    /// The requests that the plugin sent, oldest first, as the host knows them.
    #[must_use]
    pub fn requests(&self) -> Vec<SentRequest> {
        self.state().requests.clone()
    }

    /// What the plugin keeps in `kv`, by key.
    #[must_use]
    pub fn kv(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.trial.data().values(&self.namespace())
    }

    /// Where a counter of the plugin stands; 0 where it was never moved.
    #[must_use]
    pub fn counter(&self, key: &str) -> i64 {
        let counters = self.counters();
        counters
            .iter()
            .find(|(name, _)| name == key)
            .map_or(0, |(_, value)| *value)
    }

    /// Set a counter of the plugin.
    pub fn set_counter(&self, key: &str, value: i64) -> &Self {
        self.inner.trial.data().set_counter(self.namespace(), key, value);
        self
    }

    pub(crate) fn counters(&self) -> Vec<(String, i64)> {
        self.inner.trial.data().counters(&self.namespace())
    }

    pub(crate) fn plugin(&self) -> &Arc<Plugin> {
        &self.inner.plugin
    }

    pub(crate) fn trial(&self) -> &Trial {
        &self.inner.trial
    }

    /// The circumstances of a quote.
    pub(crate) fn scope(&self) -> PhaseScope {
        let it = self.state().circumstances.clone();
        PhaseScope {
            merchant: MerchantId::new("trial"),
            session: SessionId::new(it.session),
            kind: PhaseKind::Quote,
            now: Timestamp(it.now_ms),
            currency: circumstances::currency(&it.currency),
            locale: it.locale,
        }
    }

    pub(crate) fn exports(&self, capability: Capability) -> bool {
        self.inner.component.capabilities().contains(capability)
    }

    pub(crate) fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        self.inner.servers.values().map(|server| &server.upstream)
    }

    /// Fail the test with what has not failed a call yet.
    pub(crate) fn close(&self) {
        self.fail_on_strays();
    }

    fn namespace(&self) -> Namespace {
        let plugin = &self.inner.plugin;
        let component = Arc::clone(&self.inner.component);
        Trial::namespace(&Binding::new(plugin.manifest.id.clone(), "0", component))
    }

    fn set<T>(&self, change: impl FnOnce(&mut Circumstances) -> T) -> &Self {
        change(&mut self.state().circumstances);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client for each capability. A call of one that the plugin does not export fails the test.
impl Env {
    /// `pricing`
    #[must_use]
    pub const fn pricing(&self) -> clients::Pricing<'_> {
        clients::Pricing(self)
    }

    /// `pricing-redemption`
    #[must_use]
    pub const fn pricing_redemption(&self) -> clients::PricingRedemption<'_> {
        clients::PricingRedemption(self)
    }

    /// `inventory`
    #[must_use]
    pub const fn inventory(&self) -> clients::Inventory<'_> {
        clients::Inventory(self)
    }

    /// `fulfillment`
    #[must_use]
    pub const fn fulfillment(&self) -> clients::Fulfillment<'_> {
        clients::Fulfillment(self)
    }

    /// `tax`
    #[must_use]
    pub const fn tax(&self) -> clients::Tax<'_> {
        clients::Tax(self)
    }

    /// `risk`
    #[must_use]
    pub const fn risk(&self) -> clients::Risk<'_> {
        clients::Risk(self)
    }

    /// `orders`
    #[must_use]
    pub const fn orders(&self) -> clients::Orders<'_> {
        clients::Orders(self)
    }

    /// `presentation`
    #[must_use]
    pub const fn presentation(&self) -> clients::Presentation<'_> {
        clients::Presentation(self)
    }

    /// `payments`, with `payments-void`, `payments-refund`, `payments-cancel-by-reference`, `payments-list` and
    /// `payments-notices`
    #[must_use]
    pub const fn payments(&self) -> clients::Payments<'_> {
        clients::Payments(self)
    }

    /// `lifecycle`
    #[must_use]
    pub const fn lifecycle(&self) -> clients::Lifecycle<'_> {
        clients::Lifecycle(self)
    }
}
