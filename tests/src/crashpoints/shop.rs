//! Simulators, directory and configuration of a case, and its current host.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tillhouse_payments::operator::OperatorRequest;
use tillhouse_sandbox::stripe::hooks::{BUDGET, HookConnection, HookedCheckouts};
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tillhouse_server::admin::{AdminClient, AdminClientError};
use toml::Value;

use crate::acp::{Acp, Release};
use crate::backlog::Backlog;
use crate::client::Client;
use crate::clock::TestClock;
use crate::crashpoints::PACE;
use crate::folder::TestFolder;
use crate::host::{Builder, CATALOGS, DATABASE};
use crate::merchant::Merchant;

use super::child::{ArmedPoint, HostChild, HostCrashed};
use super::program::crashpoints;

const MERCHANT: &str = "demo";

/// Timeout of every wait; a host that exceeds it is broken.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Delays of the host, by its own clock.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// Interval between two status checks of an unknown outcome.
    pub lookup: Duration,
    /// Time after which a charge that the processor does not have counts as never made.
    pub absence: Duration,
    /// Interval between two looks at an import of a feed, and between two tries of its upload.
    pub look: Duration,
}

/// Everything in a case except the agent.
#[derive(Debug)]
pub struct Shop {
    /// Stripe, the acquirer and the receiver of order events.
    pub sandbox: Sandbox,
    /// How often the host crashed or hung.
    pub crashes: u32,
    clock: TestClock,
    folder: TestFolder,
    arguments: Vec<String>,
    child: Option<HostChild>,
}

impl Shop {
    /// Starts the simulators. No host is running yet.
    pub async fn open(delays: Delays) -> Self {
        let merchant = Merchant::named(MERCHANT).webhook("agent", Release::V2026_04_17, &[]);
        // The plugin's declared visibility delay must not exceed the wait that the case sets.
        Self::open_for(merchant, delays, shorten_visibility).await
    }

    /// The same for a merchant whose payments Adyen takes: it holds stock for this long, by the host's clock.
    pub async fn open_at_adyen(delays: Delays, hold: Duration) -> Self {
        let hold = format!("adyen.merchant.hold_seconds = {}", hold.as_secs());
        let merchant = Merchant::named(MERCHANT).adyen().set(&hold);
        Self::open_for(merchant, delays, |_| {}).await
    }

    /// The same for a merchant with another catalog, feed and hold. Its file is looked at often, and a version stays in force for what
    /// was quoted with it until the case is over.
    pub async fn open_as(merchant: Merchant, delays: Delays) -> Self {
        Self::open_for(merchant, delays, |config| {
            let catalogs = "poll_ms = 20\ngrace_seconds = 86400";
            let catalogs: toml::Table = catalogs.parse().expect("the settings are TOML");
            config.insert("catalogs".to_owned(), Value::from(catalogs));
        })
        .await
    }

    async fn open_for(merchant: Merchant, delays: Delays, change: impl FnOnce(&mut toml::Table)) -> Self {
        let since = TestClock::of_the_machine().millis();
        let clock = TestClock::hastened(since, PACE);
        let sandbox = SandboxConfig {
            clock: clock.sandbox(),
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(sandbox).await.expect("the sandbox starts");
        let folder = TestFolder::new();
        let plan = Builder::default().merchant(merchant);
        let mut config = plan.configuration(&folder, &sandbox);
        change(&mut config);
        let config = folder.write("tillhouse.toml", config.to_string());
        let config = config.to_str().expect("a path in UTF-8").to_owned();
        let millis = |wait: Duration| wait.as_millis().to_string();
        let arguments = [
            ("--config", config),
            ("--since-ms", since.to_string()),
            ("--lookup-ms", millis(delays.lookup)),
            ("--absence-ms", millis(delays.absence)),
            ("--look-ms", millis(delays.look)),
        ];
        Self {
            sandbox,
            crashes: 0,
            clock,
            folder,
            arguments: arguments
                .into_iter()
                .flat_map(|(name, value)| [name.to_owned(), value])
                .collect(),
            child: None,
        }
    }

    /// Starts a host on what the last one left, optionally with an armed crash point. It may crash before it listens.
    pub fn start(&mut self, armed: Option<&ArmedPoint>) {
        let log = self.folder.path().join("host.log");
        self.child = Some(HostChild::start(&crashpoints(), &self.arguments, armed, &log));
    }

    /// Waits until the host listens; returns an agent for it.
    ///
    /// # Errors
    /// When the host crashes before.
    pub async fn wait_until_serving(&self) -> Result<Acp<'_>, HostCrashed> {
        let child = self.child();
        let reports = self
            .while_running(child.until(|reports| reports.address.is_some() || reports.ended))
            .await?;
        let address = reports.address.ok_or(HostCrashed)?;
        let client = Client::new(address, "", MERCHANT, &self.clock);
        Ok(Acp::new(&self.sandbox, client, Release::V2026_04_17))
    }

    /// The endpoint for Stripe's events and hooks at the host that listens now.
    #[must_use]
    pub fn stripe_endpoint(&self) -> String {
        let address = self.child().reports().address.expect("the host listens");
        format!("http://{address}/m/{MERCHANT}/webhooks/stripe")
    }

    /// Stripe, running checkouts and asking the host that listens now.
    #[must_use]
    pub fn stripe_hooks(&self) -> HookedCheckouts {
        let connection = HookConnection {
            url: self.stripe_endpoint(),
            hook_secret: Merchant::hook_secret(MERCHANT).into(),
            event_secret: Merchant::event_secret(MERCHANT).into(),
            budget: BUDGET,
        };
        HookedCheckouts::new(connection, self.sandbox.clock().clone())
    }

    /// Writes a file beside the configuration, all at once; returns its path.
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let written = self.folder.write("written", content);
        let path = self.folder.path().join(name);
        std::fs::rename(written, &path).expect("the file can be renamed");
        path
    }

    /// A request of an operator to the host.
    ///
    /// # Errors
    /// When it was refused, or not answered.
    pub async fn operate<R: OperatorRequest>(&self, request: &R) -> Result<R::Answer, AdminClientError> {
        AdminClient::new(self.store().join("admin.sock")).send(request).await
    }

    /// Texts in the database, read from its file, because the host may crash at any time.
    #[must_use]
    pub fn texts(&self, sql: &str) -> Vec<String> {
        self.texts_in(DATABASE, sql)
    }

    /// Texts in the database of the catalogs, read from its file.
    #[must_use]
    pub fn catalog_texts(&self, sql: &str) -> Vec<String> {
        self.texts_in(CATALOGS, sql)
    }

    fn texts_in(&self, file: &str, sql: &str) -> Vec<String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = Connection::open_with_flags(self.store().join(file), flags).expect("the database can be opened");
        let mut statement = db.prepare(sql).expect("the tables exist");
        let rows = statement.query_map([], |row| row.get(0)).expect("the query succeeds");
        rows.collect::<Result<_, _>>().expect("the rows can be read")
    }

    /// Does something while the host runs.
    ///
    /// # Errors
    /// When the host crashes first.
    pub async fn while_running<T>(&self, work: impl Future<Output = T>) -> Result<T, HostCrashed> {
        let done = async {
            tokio::select! {
                biased;
                done = work => Ok(done),
                crashed = self.child().wait_until_crashed() => Err(crashed),
            }
        };
        self.with_timeout(done).await
    }

    async fn with_timeout<T>(&self, work: impl Future<Output = T>) -> T {
        let Ok(done) = tokio::time::timeout(TIMEOUT, work).await else {
            panic!(
                "no progress within {TIMEOUT:?}; {:#?}\n{}",
                self.child().reports(),
                self.log()
            );
        };
        done
    }

    /// Waits until the host has nothing left to do.
    ///
    /// # Errors
    /// When the host crashes first.
    pub async fn wait_until_settled(&self) -> Result<(), HostCrashed> {
        let settled = async {
            while !self.backlog().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        self.while_running(settled).await
    }

    /// Waits until the host has reached the armed crash point.
    ///
    /// # Errors
    /// When the host ends or hangs there.
    pub async fn wait_until_reached(&self) -> Result<(), HostCrashed> {
        self.with_timeout(self.child().reach()).await
    }

    /// Kills the host, unless it has ended.
    pub fn kill(&mut self) {
        self.child = None;
    }

    /// Stops the host gracefully; returns the crash points passed since its start.
    pub async fn stop(&self) -> Vec<String> {
        self.with_timeout(self.child().stop()).await.passed
    }

    /// Unfinished work of the host, read from its store.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        Backlog::of(&self.store())
    }

    /// The directory of the store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The directory of the configuration.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The log of all hosts of this case.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("host.log")).unwrap_or_default()
    }

    fn child(&self) -> &HostChild {
        self.child.as_ref().expect("a host was started")
    }
}

/// Makes the processor's plugin declare the shortest visibility delay: the simulator shows a charge at once.
fn shorten_visibility(config: &mut toml::Table) {
    let plugins = config["merchants"][MERCHANT]["plugins"]
        .as_array_mut()
        .expect("the merchant has plugins");
    let processor = plugins
        .last_mut()
        .and_then(Value::as_table_mut)
        .expect("the last plugin is the processor");
    let settings = processor["config"]
        .as_table_mut()
        .expect("the processor has a configuration");
    settings.insert("visibility-delay-s".to_owned(), Value::from("1"));
}
