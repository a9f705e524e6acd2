//! The environment of one test: a plugin on a host, and everything around it.

mod asker;
mod call;
mod capabilities;
mod card_sightings;
mod failure_message;
mod frozen_settings;
mod quoting;
mod reproduce;
mod results;
mod settings;
mod snapshot;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tillhouse_plugin_protocol::Capability;
use tillhouse_plugin_protocol::call::{LogLine, SentRequest};
use tillhouse_plugin_protocol::component::Loaded;
use tillhouse_plugin_protocol::trial::{Close, Open, TrialId};

use crate::plugin::Plugin;
use crate::program::Program;
use crate::upstream::{Server, Upstream};
use crate::usage::Usage;
pub(crate) use call::{FunctionCall, FunctionResult};
use card_sightings::Sightings;
pub(crate) use frozen_settings::FrozenSettings;
pub(crate) use quoting::QuoteMode;
pub(crate) use settings::millis;
use settings::{Installation, Settings};

/// A plugin under test and the host that runs it.
///
/// The clock is stopped at 2026-01-01T00:00:00Z, random numbers are repeatable, the store is empty, and the plugin can
/// reach only the [`upstream`](Env::upstream)s of its manifest. Settings apply to the calls that follow; changing one
/// between two calls is like a new release of the plugin on the same data.
///
/// Configuration and catalog come from the files beside the plugin's sources (`default-config.toml` or `config.toml`;
/// `demo-catalog.csv` or `fixtures/catalog.csv`), unless the test sets others.
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
    /// Held during a call: calls of one test run one after another, so that what is recorded belongs to one call.
    call_lock: tokio::sync::Mutex<()>,
}

/// Settings and records of the test so far.
#[derive(Debug, Default)]
struct State {
    settings: Settings,
    installed: Option<Installation>,
    last: Usage,
    total: Usage,
    lines: Vec<LogLine>,
    requests: Vec<SentRequest>,
    sightings: Sightings,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.program.send(&Close { trial: self.trial });
    }
}

impl Env {
    pub(crate) async fn of(plugin: Arc<Plugin>) -> Self {
        let program = Program::of_this_process();
        let component = plugin.load(program).await;
        let opened = program.ask(&Open {}).await;
        let trial = opened.unwrap_or_else(|problem| panic!("{problem}")).trial;
        let mut servers = BTreeMap::new();
        for requested in &plugin.manifest.upstreams {
            let server = Server::start(Upstream::new(&requested.name))
                .await
                .expect("a loopback port");
            servers.insert(requested.name.clone(), server);
        }
        let state = State {
            settings: Settings::from_files(&plugin),
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
                call_lock: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// The simulated server for an upstream of the manifest.
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
    /// When the manifest does not declare an upstream of that name.
    #[must_use]
    #[track_caller]
    pub fn upstream(&self, name: &str) -> Upstream {
        let server = self.inner.servers.get(name);
        let names = || self.inner.servers.keys().cloned().collect::<Vec<_>>().join(", ");
        let server = server.unwrap_or_else(|| {
            panic!(
                "plugin.toml does not declare an [[upstream]] named `{name}`; it declares: {}",
                names()
            )
        });
        server.upstream.clone()
    }

    pub(crate) fn plugin(&self) -> &Arc<Plugin> {
        &self.inner.plugin
    }

    pub(crate) fn program(&self) -> &'static Program {
        self.inner.program
    }

    /// Id of the checkout session of the calls.
    pub(crate) fn session_id(&self) -> String {
        self.state().settings.session.clone()
    }

    pub(crate) fn exports(&self, capability: Capability) -> bool {
        self.inner.component.capabilities.contains(&capability)
    }

    pub(crate) fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        self.inner.servers.values().map(|server| &server.upstream)
    }

    /// Fails the test if a request was not expected and no call has failed because of it.
    pub(crate) fn close(&self) {
        self.fail_on_unexpected_requests();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
