//! The surroundings of one test: a plugin in a host's hands, and everything around it.

mod again;
mod capabilities;
mod circumstances;
mod conversation;
mod kept;
mod saw;
mod snapshot;
mod standing;
mod story;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_plugin_protocol::Capability;
use tillhouse_plugin_protocol::call::{LogLine, SentRequest};
use tillhouse_plugin_protocol::component::Loaded;
use tillhouse_plugin_protocol::merchant::{Close, Open, TrialId};
use tillhouse_plugin_protocol::quote::{Cart, Quote, Quoted};

use crate::plugin::Plugin;
use crate::program::Program;
use crate::upstream::{Server, Upstream};
use crate::usage::Usage;
use circumstances::{Circumstances, Installation};
pub(crate) use circumstances::{bound, millis};
pub(crate) use conversation::{Asked, Said};
use saw::Sightings;
pub(crate) use standing::Standing;

/// A plugin under test, with the host around it.
///
/// The clock stands still at 2026-01-01T00:00:00Z, random numbers repeat, the store is empty, and nothing is reachable but
/// the [`upstream`](Env::upstream)s of the manifest. What is set here holds for the calls that follow; a change between two
/// calls is like a new release over the same data.
///
/// Configuration and catalog are those that lie beside the plugin's sources (`default-config.toml` or `config.toml`;
/// `demo-catalog.csv` or `fixtures/catalog.csv`), until a test says otherwise.
///
/// ```no_run
/// use tillhouse_harness::prelude::*;
///
/// #[tillhouse_harness::test]
/// async fn a_code_is_over_when_its_time_is(env: Env) {
///     env.config("discounts.SUMMER23.ends", "2026-06-30").now("2026-07-01T00:00:00Z");
///     let priced = env.pricing().price(cart().line("tee", 1).code("SUMMER23")).await.unwrap();
///     assert_eq!(priced.rejected[0].reason, "discount_code_expired");
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Env {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    plugin: Arc<Plugin>,
    program: &'static Program,
    component: Loaded,
    trial: TrialId,
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

impl Drop for Inner {
    fn drop(&mut self) {
        self.program.tell(&Close { trial: self.trial });
    }
}

impl Env {
    pub(crate) async fn of(plugin: Arc<Plugin>) -> Self {
        let program = Program::of_this_process();
        let component = plugin.load(program).await;
        let opened = program.ask(&Open {}).await;
        let trial = opened.unwrap_or_else(|problem| panic!("{problem}")).trial;
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
                program,
                component,
                trial,
                servers,
                state: Mutex::new(state),
                turn: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// The server that plays an upstream of the manifest.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let acquirer = env.upstream("acquirer").expect(post("/charges")).reply(201, json!({"id": "ch_1"}));
    /// env.payments().charge(order(), card::visa()).await.unwrap();
    /// acquirer.assert_called_once();
    /// # }
    /// ```
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

    pub(crate) fn plugin(&self) -> &Arc<Plugin> {
        &self.inner.plugin
    }

    pub(crate) fn program(&self) -> &'static Program {
        self.inner.program
    }

    /// Quote a cart in the circumstances as they are.
    pub(crate) async fn quote(&self, cart: &Cart) -> Quoted {
        let it = self.state().circumstances.clone();
        let quote = Quote {
            trial: self.inner.trial,
            cart: cart.clone(),
            now_ms: it.now_ms,
            currency: it.currency,
            session: it.session,
            locale: it.locale,
        };
        let quoted = self.inner.program.ask(&quote).await;
        quoted.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The session that calls are about.
    pub(crate) fn session_id(&self) -> String {
        self.state().circumstances.session.clone()
    }

    pub(crate) fn exports(&self, capability: Capability) -> bool {
        self.inner.component.capabilities.contains(&capability)
    }

    pub(crate) fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        self.inner.servers.values().map(|server| &server.upstream)
    }

    /// Fail the test with what has not failed a call yet.
    pub(crate) fn close(&self) {
        self.fail_on_strays();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
