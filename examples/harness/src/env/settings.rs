//! The settings of a test, and the installation of the plugin with them.

use std::collections::BTreeMap;
use std::time::Duration;

use tillhouse_plugin::types::{Agent, Notice};
use tillhouse_plugin_protocol::component::{ComponentId, Description};
use tillhouse_plugin_protocol::trial::{Binding, ConfigDiagnostic, Install, Upstream};
use tillhouse_plugin_protocol::{Function, RequestErrorKind, Sensitive};

use super::Env;
use crate::catalog::{Catalog, Item};
use crate::plugin::Plugin;
use crate::program::Program;
use crate::time;

/// 2026-01-01T00:00:00Z, the time in the SDK's own fixtures.
pub(crate) const START_MS: u64 = 1_767_225_600_000;

/// Timeout for an upstream that never answers.
const SILENT_UPSTREAM_TIMEOUT: Duration = Duration::from_millis(100);

/// The settings for the calls that follow.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) config: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) catalog: Catalog,
    pub(super) currency: String,
    pub(super) now_ms: u64,
    pub(super) session: String,
    pub(super) locale: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) agent: Agent,
    pub(super) rng_seed: u64,
    /// Notices that the plugin accepts, each with the function that reads it.
    pub(super) examples: Vec<(Function, Notice)>,
}

impl Settings {
    /// The defaults: the files beside the plugin's sources, and test secrets.
    pub(super) fn from_files(plugin: &Plugin) -> Self {
        let secrets = plugin.manifest.upstreams.iter().flat_map(|upstream| &upstream.secrets);
        Self {
            config: plugin.config.clone(),
            secrets: secrets
                .map(|name| (name.clone(), format!("test-secret-{name}")))
                .collect(),
            catalog: plugin.catalog.clone().map(Catalog::of).unwrap_or_default(),
            currency: "USD".to_owned(),
            now_ms: START_MS,
            session: "cs_test".to_owned(),
            ..Self::default()
        }
    }
}

/// The settings that a plugin was installed with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Installation {
    pub(super) config: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) catalog: String,
    pub(super) currency: String,
    /// Base URL of each upstream, and its timeout if that is not the default.
    upstreams: BTreeMap<String, (String, Option<Duration>)>,
    /// Whether the reference shop makes the decisions that the plugin does not make.
    has_fallback: bool,
}

/// Settings, for the calls that follow.
impl Env {
    /// Sets a key of the plugin's configuration; nested tables are dotted: `shipping.price`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.config("shipping.price", "599").config("shipping.free-over", "7500");
    /// # }
    /// ```
    pub fn config(&self, key: impl Into<String>, value: impl Into<String>) -> &Self {
        self.set(|it| it.config.insert(key.into(), value.into()))
    }

    /// Removes a key of the configuration.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.without_config("shipping.price");
    /// assert_eq!(env.lifecycle().problems().await[0].key, "shipping.price");
    /// # }
    /// ```
    pub fn without_config(&self, key: &str) -> &Self {
        self.set(|it| it.config.remove(key))
    }

    /// Sets a secret of the manifest. The default is `test-secret-NAME`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.secret("api_key", "sk_test_123456");
    /// let charge = post("/charges").header("authorization", "Bearer sk_test_123456");
    /// let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the manifest does not declare a secret of that name.
    #[track_caller]
    pub fn secret(&self, name: impl Into<String>, value: impl Into<String>) -> &Self {
        let name = name.into();
        let upstreams = &self.inner.plugin.manifest.upstreams;
        let names: Vec<&str> = upstreams
            .iter()
            .flat_map(|requested| &requested.secrets)
            .map(String::as_str)
            .collect();
        assert!(
            names.contains(&name.as_str()),
            "plugin.toml does not declare a secret named `{name}`; it declares: {}",
            names.join(", ")
        );
        self.set(|it| it.secrets.insert(name, value.into()))
    }

    /// Replaces the catalog: CSV in the columns of the product feed.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.catalog("id,title,price,availability\ntee,Tee,25.00 USD,in_stock\n");
    /// assert_eq!(env.pricing().price(cart().line("tee", 1)).await.unwrap().lines[0].unit_price, 25_00);
    /// # }
    /// ```
    pub fn catalog(&self, csv: impl Into<String>) -> &Self {
        self.set(|it| it.catalog = Catalog::of(csv.into()))
    }

    /// Adds an item to the catalog.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.item(item("print-last", "40.00 USD").stock(1));
    /// let stock = env.inventory().check(cart().line("print-last", 1)).await.unwrap();
    /// assert_eq!(stock[0].available, Some(1));
    /// # }
    /// ```
    pub fn item(&self, item: Item) -> &Self {
        self.set(|it| it.catalog.add(item))
    }

    /// Sets the currency of the shop, ISO 4217; the default is `USD`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.catalog("").currency("JPY").item(item("tee", "2500 JPY"));
    /// assert_eq!(env.pricing().price(cart().line("tee", 1)).await.unwrap().lines[0].unit_price, 2500);
    /// # }
    /// ```
    pub fn currency(&self, code: &str) -> &Self {
        self.set(|it| code.clone_into(&mut it.currency))
    }

    /// Sets the clock: `2026-12-31T18:00:00Z`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.now("2026-06-30T23:59:59Z");
    /// assert_eq!(env.pricing().price(cart().line("tee", 1).code("JUNE")).await.unwrap().discounts.len(), 1);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When it is not a time in the format of RFC 3339.
    pub fn now(&self, time: &str) -> &Self {
        let now_ms = parse_time(time);
        self.set(|it| it.now_ms = now_ms)
    }

    /// Moves the clock forward.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use std::time::Duration;
    /// # async fn test(env: Env) {
    /// env.inventory().reserve("r1", cart().line("print", 1)).await.unwrap();
    /// env.advance(Duration::from_secs(3_600));
    /// let stock = env.inventory().check(cart().line("print", 1)).await.unwrap();
    /// assert_eq!(stock[0].available, Some(0));
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) -> &Self {
        self.set(|it| it.now_ms += u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
    }

    /// Sets another RNG seed for the same session and time.
    pub(crate) fn rng_seed(&self, seed: u64) -> &Self {
        self.set(|it| it.rng_seed = seed)
    }

    pub(super) fn set<T>(&self, change: impl FnOnce(&mut Settings) -> T) -> &Self {
        change(&mut self.state().settings);
        self
    }
}

impl Env {
    /// Installs the plugin with the current settings, unless it is installed with them already.
    ///
    /// # Errors
    /// The problems that the plugin's `validate-config` reports.
    pub(crate) async fn install_if_changed(&self) -> Result<(), Vec<ConfigDiagnostic>> {
        self.install_beside(None).await
    }

    /// Like [`install_if_changed`](Self::install_if_changed), with another plugin for the capabilities that this one does not export.
    pub(crate) async fn install_beside(&self, other: Option<&Plugin>) -> Result<(), Vec<ConfigDiagnostic>> {
        let wanted = Installation {
            has_fallback: other.is_some(),
            ..self.current_installation()
        };
        if self.state().installed.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let fallback = match other {
            Some(other) => Some(with_own_config(other, self.program()).await),
            None => None,
        };
        self.install(&wanted, fallback).await?;
        self.state().installed = Some(wanted);
        Ok(())
    }

    async fn install(&self, wanted: &Installation, fallback: Option<Binding>) -> Result<(), Vec<ConfigDiagnostic>> {
        let install = Install {
            trial: self.inner.trial,
            binding: self.binding(wanted),
            fallback,
            catalog: wanted.catalog.clone(),
            currency: wanted.currency.clone(),
        };
        match self.inner.program.ask(&install).await {
            Ok(installed) if installed.problems.is_empty() => Ok(()),
            Ok(installed) => Err(installed.problems),
            Err(problem) if problem.kind == RequestErrorKind::Catalog => {
                panic!("cannot read the catalog of this test:\n{problem}")
            }
            Err(problem) => panic!("{problem}"),
        }
    }

    /// Catalog in CSV and currency, for a shop.
    pub(crate) fn catalog_and_currency(&self) -> (String, String) {
        let wanted = self.current_installation();
        (wanted.catalog, wanted.currency)
    }

    /// Configuration and secrets, for a shop.
    pub(crate) fn config_and_secrets(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let wanted = self.current_installation();
        (wanted.config, wanted.secrets)
    }

    /// Base URL and timeout of each upstream that the test scripted.
    pub(crate) fn scripted(&self) -> BTreeMap<String, (String, Option<Duration>)> {
        let mut upstreams = self.current_installation().upstreams;
        upstreams.retain(|name, _| {
            let server = self.inner.servers.get(name);
            server.is_some_and(|server| !server.upstream.script().expectations.is_empty())
        });
        upstreams
    }

    /// The time of the clock, in epoch milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        self.state().settings.now_ms
    }

    pub(super) fn current_installation(&self) -> Installation {
        let it = self.state().settings.clone();
        let upstreams = self.inner.servers.iter().map(|(name, server)| {
            let silent = server.upstream.script().is_silent();
            (name.clone(), (server.base(), silent.then_some(SILENT_UPSTREAM_TIMEOUT)))
        });
        Installation {
            config: it.config,
            secrets: it.secrets,
            catalog: it.catalog.csv(),
            currency: it.currency,
            upstreams: upstreams.collect(),
            has_fallback: false,
        }
    }

    /// Grants everything that the manifest asks for.
    fn binding(&self, wanted: &Installation) -> Binding {
        let manifest = &self.inner.plugin.manifest;
        let mut binding = empty_binding(manifest, self.inner.component.component);
        binding.config.clone_from(&wanted.config);
        let secret = |(name, value): (&String, &String)| (name.clone(), Sensitive::from(value.clone()));
        binding.secrets = wanted.secrets.iter().map(secret).collect();
        for requested in &manifest.upstreams {
            let Some((base, timeout)) = wanted.upstreams.get(&requested.name) else {
                continue;
            };
            let upstream = Upstream {
                base_url: base.clone(),
                secrets: requested.secrets.clone(),
                credential_slots: requested.credential_slots.clone(),
                timeout_ms: timeout.map(millis),
            };
            binding.upstreams.insert(requested.name.clone(), upstream);
        }
        binding
    }
}

/// A plugin with the configuration beside its sources.
async fn with_own_config(plugin: &Plugin, program: &Program) -> Binding {
    let loaded = plugin.load(program).await;
    let mut binding = empty_binding(&plugin.manifest, loaded.component);
    binding.config.clone_from(&plugin.config);
    binding
}

/// A binding without configuration, secrets and upstreams.
fn empty_binding(manifest: &Description, component: ComponentId) -> Binding {
    Binding {
        component,
        plugin: manifest.id.clone(),
        version: manifest.version.clone(),
        config: BTreeMap::new(),
        secrets: BTreeMap::new(),
        upstreams: BTreeMap::new(),
    }
}

/// A timeout in milliseconds, as the protocol expects it.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn parse_time(text: &str) -> u64 {
    time::parse(text)
        .unwrap_or_else(|| panic!("`{text}` is not a time; expected RFC 3339, such as 2026-12-31T18:00:00Z"))
}
