//! A whole system: host, plugins, sandbox, clock and temporary directory.

mod clients;
mod refused;

use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::service::CheckoutService;
use tillhouse_payments::{Payments, Timings};
use tillhouse_runtime::Observer;
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tillhouse_server::config::{Config, Sources};
use tillhouse_server::host::{Host, HostParts};
use tokio::runtime::Runtime;
use toml::{Table, Value};

use crate::clock::TestClock;
use crate::code;
use crate::folder::TestFolder;
use crate::merchant::{Merchant, bundled, overlay, parse};
use crate::official;

/// File name of the SQLite database.
pub(crate) const DATABASE: &str = "tillhouse.db";

/// File name of the SQLite database of the catalogs, which is there once there is one.
pub(crate) const CATALOGS: &str = "catalog.db";

/// Name of the merchant of a host that is given no other.
const DEMO: &str = "demo";

/// A running host on a free port, with its own sandbox.
#[derive(Debug)]
pub struct TestHost {
    /// Simulated Stripe and acquirer of this host.
    pub sandbox: Sandbox,
    /// The clock that host and sandbox share.
    pub clock: TestClock,
    host: Option<Host>,
    /// The host's own runtime, so that a crash ends all its tasks.
    runtime: Option<Runtime>,
    /// Number of crashes so far; names the store's directory.
    crashes: u32,
    builder: Builder,
    folder: TestFolder,
}

/// The plan of a host that is not started yet.
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
    /// Adds a merchant. The first one is also reachable at the host's address without a prefix.
    #[must_use]
    pub fn merchant(mut self, merchant: Merchant) -> Self {
        self.merchants.push(merchant);
        self
    }

    /// Merges TOML into the whole configuration: `[server]`, `[plugins]`, `[store]`.
    #[must_use]
    pub fn set(mut self, settings: &str) -> Self {
        overlay(&mut self.settings, parse(settings));
        self
    }

    /// Uses a clock that stands still until [`TestClock::advance`].
    #[must_use]
    pub fn frozen(mut self) -> Self {
        self.clock = Some(TestClock::frozen());
        self
    }

    /// Uses this clock, which other parts of a test share.
    #[must_use]
    pub fn clock(mut self, clock: TestClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Replaces the timeouts and backoffs of payments.
    #[must_use]
    pub fn timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Reports every plugin call to this observer.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sets how long a charge of the slow test card takes, in real time.
    #[must_use]
    pub fn slow_card_delay(mut self, delay: Duration) -> Self {
        self.sandbox.acquirer.slow_card_delay = delay;
        self
    }

    /// Replaces the API keys of the simulators.
    #[must_use]
    pub fn api_keys(mut self, stripe: &str, acquirer: &str) -> Self {
        self.sandbox.stripe.secret_key = stripe.into();
        self.sandbox.acquirer.api_key = acquirer.into();
        self
    }

    /// Adds the reference shop as the bundled component: it serves what the plugins of a merchant do not.
    #[must_use]
    pub fn bundled(mut self) -> Self {
        self.bundled = true;
        self
    }

    /// Starts the sandbox and the host.
    pub async fn start(mut self) -> TestHost {
        self = self.with_demo_merchant();
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

    /// Adds the merchant `demo` if there is none.
    pub(crate) fn with_demo_merchant(mut self) -> Self {
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

    /// Name of the merchant whose address needs no prefix.
    pub(crate) fn first(&self) -> &str {
        &self.merchants.first().expect("the plan has a merchant").name
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
    /// Starts a host with one merchant, `demo`.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// The plan of a host, to be configured before it starts.
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
        let parts = HostParts {
            clock: Arc::new(self.clock.clone()),
            timings: self.builder.timings.clone(),
            observer: self.builder.observer.clone(),
            bundled: self.builder.bundled.then(bundled),
            code: code::shared(&self.builder.settings),
            ..HostParts::default()
        };
        let runtime = self.runtime.get_or_insert_with(|| Runtime::new().expect("a runtime"));
        let started = runtime.spawn(async move { Host::start(&config, parts).await });
        let host = started.await.expect("the host starts without a panic");
        self.host = Some(host.unwrap_or_else(|error| panic!("{error}\n{text}")));
    }

    fn parsed(&self, text: &str) -> Config {
        // No variables: a test must not depend on the environment that it runs in.
        let sources = Sources::new(self.folder.path(), |_| None, |path| std::fs::read_to_string(path));
        Config::parse(text, &sources).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
    }

    /// Ends the host like a power cut, and starts it again on what was durable at that moment, with the same sandbox.
    ///
    /// Requests that the host had sent go on in the sandbox.
    pub async fn crash(&mut self) {
        self.kill();
        self.start_again().await;
    }

    /// The first half of a crash: ends every task of the host immediately.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let before = self.store_folder();
        self.crashes += 1;
        if self.has_own_store() {
            let after = self.store_folder();
            let mut private = std::fs::DirBuilder::new();
            private.recursive(true).mode(0o700);
            private
                .create(&after)
                .expect("the directory of the next store can be created");
            for file in [DATABASE, CATALOGS] {
                copy_durable(&before.join(file), &after.join(file));
            }
        }
        self.host = None;
    }

    /// Whether the store is a directory of this host, not a database server that outlives it.
    fn has_own_store(&self) -> bool {
        let store = self.builder.settings.get("store").and_then(Value::as_table);
        store.is_none_or(|store| !store.contains_key("url"))
    }

    /// The second half of a crash: starts the host again.
    pub async fn start_again(&mut self) {
        self.start_host().await;
    }

    /// Stops the host gracefully and starts it again over the same store and sandbox, on another port.
    pub async fn restart(&mut self) {
        if let Some(host) = self.host.take() {
            host.stop().await;
        }
        self.start_host().await;
    }

    /// Stops the host gracefully and starts it again with another configuration of its first merchant.
    pub async fn restart_as(&mut self, merchant: Merchant) {
        let first = self.builder.merchants.first_mut().expect("the plan has a merchant");
        assert_eq!(first.name, merchant.name, "expected the same merchant");
        *first = merchant;
        self.restart().await;
    }

    /// Stops everything gracefully. A host that is only dropped ends with its runtime.
    pub async fn stop(mut self) {
        if let Some(host) = self.host.take() {
            host.stop().await;
        }
    }

    /// The host; panics between a crash and the next start.
    #[must_use]
    pub fn host(&self) -> &Host {
        self.host.as_ref().expect("the host runs")
    }

    /// The host's checkout service, without HTTP.
    #[must_use]
    pub fn checkout(&self) -> &CheckoutService {
        self.host().api().checkout()
    }

    /// The host's payment services, without HTTP.
    #[must_use]
    pub fn payments(&self) -> &Payments {
        self.host().api().payments()
    }

    /// The host's store, without HTTP.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.checkout().store
    }

    /// Every attempt to pay a session of the first merchant, oldest first.
    pub async fn attempts_of(&self, session: &str) -> Vec<Attempt> {
        let merchant = self.builder.merchants.first().expect("the plan has a merchant");
        let merchant = MerchantId::new(merchant.name.as_str());
        let session = SessionId::new(session);
        let attempts = self.store().attempts_of(&merchant, &session);
        attempts.await.expect("the store answers")
    }

    /// The address that the host listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host().address
    }

    /// The host's base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The directory of configuration, catalogs and store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The directory of the store; another one after each crash.
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
}

impl Drop for TestHost {
    fn drop(&mut self) {
        // Blocking on a runtime's shutdown is not allowed inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if !std::thread::panicking() {
            official::adyen::hold_transcript(&self.sandbox.adyen.transcript());
        }
    }
}

/// Copies what is durable of a database, if there is one.
fn copy_durable(from: &Path, to: &Path) {
    if !from.exists() {
        return;
    }
    let db = rusqlite::Connection::open(from).expect("the store of the host that crashed");
    db.execute("VACUUM INTO ?1", [to.to_str().expect("a path in UTF-8")])
        .expect("what was durable is copied");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(to, mode).expect("the copy is the owner's");
}
