//! A whole system: host, plugins, sandbox, clock and folder.

mod refused;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tillhouse_payments::Timings;
use tillhouse_payments::till::Till;
use tillhouse_runtime::Observer;
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tillhouse_server::config::{Config, Sources};
use tillhouse_server::host::{Host, Parts};
use tokio::runtime::Runtime;
use toml::{Table, Value};

use crate::acp::{Acp, Release};
use crate::client::Client;
use crate::clock::TestClock;
use crate::code;
use crate::folder::TestFolder;
use crate::merchant::{Merchant, bundled, overlay, parse};
use crate::stripe_acs::StripeAcs;
use crate::wallet;

/// The file of the store.
pub(crate) const DATABASE: &str = "tillhouse.db";

/// The merchant of a host that was not given others.
const DEMO: &str = "demo";

/// A running host on a free port, with the sandbox that it talks to.
#[derive(Debug)]
pub struct TestHost {
    /// Simulated Stripe and acquirer.
    pub sandbox: Sandbox,
    /// The time of all of them.
    pub clock: TestClock,
    host: Option<Host>,
    /// The host's own runtime, so that a crash ends everything that it was doing.
    runtime: Option<Runtime>,
    /// How often it crashed.
    crashes: u32,
    builder: Builder,
    folder: TestFolder,
}

/// A host to be.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    merchants: Vec<Merchant>,
    settings: Table,
    clock: Option<TestClock>,
    timings: Timings,
    observer: Option<Arc<dyn Observer>>,
    sandbox: SandboxConfig,
    bundled: bool,
}

impl Builder {
    /// With this merchant. The first one is also reached by the host's address, without a prefix.
    #[must_use]
    pub fn merchant(mut self, merchant: Merchant) -> Self {
        self.merchants.push(merchant);
        self
    }

    /// TOML that is laid over the whole configuration: `[server]`, `[plugins]`, `[store]`.
    #[must_use]
    pub fn set(mut self, settings: &str) -> Self {
        overlay(&mut self.settings, parse(settings));
        self
    }

    /// With a clock that stands still until [`TestClock::advance`].
    #[must_use]
    pub fn frozen(mut self) -> Self {
        self.clock = Some(TestClock::frozen());
        self
    }

    /// With this clock, which other parts of a test share.
    #[must_use]
    pub fn clock(mut self, clock: TestClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// With other waits for payments.
    #[must_use]
    pub fn timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Told of every plugin call.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// How long the slow test card takes, in real time.
    #[must_use]
    pub fn slow_card_delay(mut self, delay: Duration) -> Self {
        self.sandbox.acquirer.slow_card_delay = delay;
        self
    }

    /// With other keys of the simulators.
    #[must_use]
    pub fn keys(mut self, stripe: &str, acquirer: &str) -> Self {
        self.sandbox.stripe.secret_key = stripe.into();
        self.sandbox.acquirer.api_key = acquirer.into();
        self
    }

    /// With the reference shop as the bundled component: it serves what the plugins of a merchant do not.
    #[must_use]
    pub fn bundled(mut self) -> Self {
        self.bundled = true;
        self
    }

    /// Start it.
    pub async fn start(mut self) -> TestHost {
        self = self.or_demo();
        let clock = self.clock.get_or_insert_with(TestClock::running).clone();
        let mut started = TestHost {
            sandbox: self.start_sandbox(&clock).await,
            clock,
            host: None,
            runtime: None,
            crashes: 0,
            builder: self,
            folder: TestFolder::new(),
        };
        started.start_host().await;
        started
    }

    /// With the merchant `demo`, where there is none.
    pub(crate) fn or_demo(mut self) -> Self {
        if self.merchants.is_empty() {
            self.merchants.push(Merchant::named(DEMO));
        }
        self
    }

    pub(crate) async fn start_sandbox(&self, clock: &TestClock) -> Sandbox {
        let config = SandboxConfig {
            clock: clock.sandbox(),
            ..self.sandbox.clone()
        };
        Sandbox::start(config).await.expect("the sandbox starts")
    }

    /// The merchant whose address needs no prefix.
    pub(crate) fn first(&self) -> &str {
        &self.merchants.first().expect("a merchant").name
    }

    pub(crate) fn configuration(&self, folder: &TestFolder, sandbox: &Sandbox) -> Table {
        let mut merchants = Table::new();
        for (index, merchant) in self.merchants.iter().enumerate() {
            let mut table = merchant.table(folder, sandbox);
            if index == 0 {
                let hosts = table.entry("hosts").or_insert_with(|| Value::Array(Vec::new()));
                let hosts = hosts.as_array_mut().expect("hosts are an array");
                hosts.extend(["127.0.0.1", "localhost"].map(Value::from));
            }
            merchants.insert(merchant.name.clone(), Value::Table(table));
        }
        let mut config =
            parse("server.listen = \"127.0.0.1:0\"\nserver.drain_delay_ms = 0\nstore.url = \"sqlite:store\"");
        config.insert("merchants".into(), Value::Table(merchants));
        let code_folder = Value::from(code::folder().to_str().expect("a path in UTF-8"));
        config.insert(
            "plugins".into(),
            Value::Table(Table::from_iter([("code_folder".into(), code_folder)])),
        );
        overlay(&mut config, self.settings.clone());
        config
    }
}

impl TestHost {
    /// A host with one merchant, `demo`.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A host to be told more about.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    async fn start_host(&mut self) {
        let mut table = self.builder.configuration(&self.folder, &self.sandbox);
        if self.crashes > 0 && self.has_own_store() {
            overlay(
                &mut table,
                parse(&format!("store.url = \"sqlite:{}\"", self.store_name())),
            );
        }
        let text = table.to_string();
        let config = self.parsed(&text);
        let parts = Parts {
            clock: Arc::new(self.clock.clone()),
            timings: self.builder.timings.clone(),
            observer: self.builder.observer.clone(),
            bundled: self.builder.bundled.then(bundled),
            code: code::shared(&self.builder.settings),
            ..Parts::default()
        };
        let runtime = self.runtime.get_or_insert_with(|| Runtime::new().expect("a runtime"));
        let started = runtime.spawn(async move { Host::start(&config, parts).await });
        let host = started.await.expect("the host starts without a panic");
        self.host = Some(host.unwrap_or_else(|error| panic!("{error}\n{text}")));
    }

    fn parsed(&self, text: &str) -> Config {
        // No variables: a test must not depend on the environment of whoever runs it.
        let sources = Sources::new(self.folder.path(), |_| None, |path| std::fs::read_to_string(path));
        Config::parse(text, &sources).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
    }

    /// End the host as a power cut does, and start it again on what was durable at that moment, with the same sandbox.
    ///
    /// Requests that it had sent go on at the other end.
    pub async fn crash(&mut self) {
        self.kill();
        self.revive().await;
    }

    /// The first half of a crash: everything that the host was doing ends where it is.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let before = self.store_folder();
        self.crashes += 1;
        if self.has_own_store() {
            let after = self.store_folder();
            std::fs::create_dir_all(&after).expect("a folder for the store");
            let db = rusqlite::Connection::open(before.join(DATABASE)).expect("the store of the host that crashed");
            let copy = after.join(DATABASE);
            db.execute("VACUUM INTO ?1", [copy.to_str().expect("a path in UTF-8")])
                .expect("what was durable is copied");
        }
        self.host = None;
    }

    /// Whether the store is a folder of this host, and not a server that outlives it.
    fn has_own_store(&self) -> bool {
        let store = self.builder.settings.get("store").and_then(Value::as_table);
        store.is_none_or(|store| !store.contains_key("url"))
    }

    /// The second half: it starts again.
    pub async fn revive(&mut self) {
        self.start_host().await;
    }

    /// Stop the host in good order and start it again over the same store and sandbox, on another port.
    pub async fn restart(&mut self) {
        if let Some(host) = self.host.take() {
            host.stop().await;
        }
        self.start_host().await;
    }

    /// Stop the host in good order and start it again with its first merchant configured otherwise.
    pub async fn restart_as(&mut self, merchant: Merchant) {
        let first = self.builder.merchants.first_mut().expect("a merchant");
        assert_eq!(first.name, merchant.name, "the sessions are those of the same merchant");
        *first = merchant;
        self.restart().await;
    }

    /// Stop everything in good order. A host that is only dropped ends with its runtime.
    pub async fn stop(mut self) {
        if let Some(host) = self.host.take() {
            host.stop().await;
        }
    }

    /// The host itself.
    #[must_use]
    pub fn host(&self) -> &Host {
        self.host.as_ref().expect("the host runs")
    }

    /// Its domain.
    #[must_use]
    pub fn till(&self) -> &Till {
        &self.host().till
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host().address
    }

    /// Its base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The folder of configuration, catalogs and store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.folder.path().join(self.store_name())
    }

    fn store_name(&self) -> String {
        match self.crashes {
            0 => "store".to_owned(),
            crashes => format!("store-{crashes}"),
        }
    }

    /// A client of the first merchant, at the host's own address.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address(), "", self.builder.first(), &self.clock)
    }

    /// A client of a merchant, at `/m/NAME`.
    #[must_use]
    pub fn client_of(&self, merchant: &str) -> Client {
        Client::new(self.address(), &format!("/m/{merchant}"), merchant, &self.clock)
    }

    /// An agent at the first merchant.
    #[must_use]
    pub fn acp(&self, release: Release) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client(), release)
    }

    /// An agent at a merchant.
    #[must_use]
    pub fn acp_at(&self, merchant: &str, release: Release) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client_of(merchant), release)
    }

    /// Stripe in front of the first merchant.
    #[must_use]
    pub fn stripe_acs(&self) -> StripeAcs<'_> {
        StripeAcs::new(&self.sandbox, self.client())
    }

    /// Stripe in front of a merchant.
    #[must_use]
    pub fn stripe_acs_at(&self, merchant: &str) -> StripeAcs<'_> {
        StripeAcs::new(&self.sandbox, self.client_of(merchant))
    }

    /// A shared payment token for that many cents, of a card that works.
    pub async fn token(&self, cents: i64) -> String {
        self.token_of("pm_card_visa", cents).await
    }

    /// A token of a test card (`pm_card_…`).
    pub async fn token_of(&self, payment_method: &str, cents: i64) -> String {
        self.token_in(payment_method, cents, "usd").await
    }

    /// A token in a currency.
    pub async fn token_in(&self, payment_method: &str, minor: i64, currency: &str) -> String {
        wallet::token(&self.sandbox, payment_method, minor, currency).await
    }

    /// Charges on the acquirer's books, whatever became of them.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.sandbox.acquirer.ledger().charges().len()
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
