//! Simulators, temporary directory, configuration, database and nodes of a run.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tillhouse_sandbox::agent::Wallet;
use tillhouse_sandbox::{AcquirerConfig, Sandbox, SandboxConfig};
use tokio::sync::watch;
use toml::{Table, Value};

use crate::acp::Release;
use crate::bundled_plugins::{PROCESSOR, component};
use crate::client::Client;
use crate::clock::TestClock;
use crate::code;
use crate::folder::TestFolder;
use crate::merchant::{Merchant, parse};

use super::database::Database;
use super::host_pool::HostPool;
use super::node::Node;
use super::program;

/// Names of the merchants. Both sell the same items, so that a leaked checkout of the other one could not be recognized by its
/// items.
pub(super) const TENANTS: [&str; 2] = ["north", "south"];

/// Items and their initial stock. The last is scarce: agents compete for it.
pub(super) const STOCK: [(&str, i64); 4] = [
    ("tee", 1_000_000),
    ("mug", 1_000_000),
    ("lamp", 1_000_000),
    ("print", 150),
];

const CATALOG: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,weight\n\
    tee,Tee,Cotton.,https://shop.example/p/tee,https://shop.example/i/tee.jpg,in_stock,25.00 USD,1000000,180 g\n\
    mug,Mug,Enamel.,https://shop.example/p/mug,https://shop.example/i/mug.jpg,in_stock,15.01 USD,1000000,150 g\n\
    lamp,Lamp,Brass.,https://shop.example/p/lamp,https://shop.example/i/lamp.jpg,in_stock,89.99 USD,1000000,900 g\n\
    print,Print,Few.,https://shop.example/p/print,https://shop.example/i/print.jpg,in_stock,45.98 USD,150,300 g\n";

const PROCESSOR_MANIFEST: &str = include_str!("../../../plugins/sandbox-processor/plugin.toml");

/// Short timeouts and backoffs. A charge takes [`SLOW_CARD`] at most, much less than the two seconds after which a charge that
/// the acquirer does not have counts as never made.
const SETTINGS: &str = r#"
[payments]
lookups_ms = [50, 100, 250, 500]
absence_floor_ms = 2000
outbox_tick_ms = 50
lease_ms = 3000

[plugins]
queue_wait_ms = 30000

[catalogs]
poll_ms = 100
"#;

/// How long stock is held for a payment of Adyen: long enough for a restart in between, short enough to wait for.
pub(super) const HOLD: Duration = Duration::from_secs(4);

const PROCESSOR_SETTINGS: &str = "config.visibility-delay-s = 2";

/// A charge is not sent later than this, even if its host was stopped meanwhile; until then a missing charge proves nothing.
const ACQUIRER_SETTINGS: &str = "timeout_ms = 2000";

/// How long other hosts respect the lease of a stopped host: `lease_ms` above.
pub(super) const LEASE: Duration = Duration::from_secs(3);

/// Duration of a charge with the slow card.
const SLOW_CARD: Duration = Duration::from_millis(300);

/// Everything in a run except the agents.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) sandbox: Sandbox,
    pub(super) clock: TestClock,
    pub(super) database: Database,
    pub(super) nodes: Vec<Node>,
    starts: Mutex<Vec<Duration>>,
    open: watch::Sender<Vec<bool>>,
    folder: TestFolder,
}

impl Shop {
    /// Starts the simulators and this many hosts, for merchants that are paid in every way.
    pub(super) async fn open(hosts: u32) -> Self {
        Self::open_for(hosts, &TENANTS.map(paid_merchant)).await
    }

    /// Starts the simulators and this many hosts, for these merchants.
    pub(super) async fn open_for(hosts: u32, merchants: &[Merchant]) -> Self {
        let acquirer = AcquirerConfig {
            slow_card_delay: SLOW_CARD,
            ..AcquirerConfig::default()
        };
        let sandbox = SandboxConfig {
            acquirer,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(sandbox).await.expect("the sandbox starts");
        let (program, folder) = (program::tillhouse(), TestFolder::new());
        let database = Database::open(hosts, folder.path()).await;
        let config = configuration(merchants, &folder, &sandbox, &database.url());
        let config = folder.write("tillhouse.toml", config);
        let node = |number| Node::new(&program, &config, folder.path().join(format!("host-{number}")));
        let nodes: Vec<Node> = (1..=hosts).map(node).collect();
        let shop = Self {
            sandbox,
            clock: TestClock::of_the_machine(),
            database,
            open: watch::Sender::new(vec![false; nodes.len()]),
            nodes,
            starts: Mutex::default(),
            folder,
        };
        shop.start_all().await;
        shop
    }

    /// Starts the first host alone: it creates the tables and compiles the plugins.
    async fn start_all(&self) {
        for number in 0..self.nodes.len() {
            self.nodes[number].start();
            self.started(number).await;
        }
    }

    /// Waits until the started host of a node is ready.
    pub(super) async fn started(&self, number: usize) {
        let took = self.ready(number).await;
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        starts.push(took);
    }

    /// Waits until the host of a node is ready, and adds it to the pool of agents' hosts. Returns the host's age.
    pub(super) async fn ready(&self, number: usize) -> Duration {
        let client = self.client(TENANTS[0]);
        let away_until = || self.database.away_until();
        let age = self.nodes[number].ready(&client, away_until).await;
        self.set_open(number, true);
        age
    }

    /// Removes the node from the pool of agents' hosts.
    pub(super) fn close(&self, number: usize) {
        self.set_open(number, false);
    }

    /// Stops all hosts gracefully.
    pub(super) async fn stop(&self) {
        for (number, node) in self.nodes.iter().enumerate() {
            self.close(number);
            node.stop().await;
        }
    }

    fn set_open(&self, number: usize, is_open: bool) {
        self.open.send_modify(|open| open[number] = is_open);
    }

    /// Time from process start to readiness of every awaited start.
    pub(super) fn starts(&self) -> Vec<Duration> {
        self.starts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pool of hosts for agents.
    pub(super) fn host_pool(&self) -> HostPool {
        let addresses = self.nodes.iter().map(|node| node.address).collect();
        HostPool::new(addresses, self.open.subscribe())
    }

    /// The folder of the configuration and of the catalogs.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client of one merchant, for requests to any host.
    pub(super) fn client(&self, tenant: &str) -> Client {
        Client::new(self.nodes[0].address, &format!("/m/{tenant}"), tenant, &self.clock)
    }

    pub(super) fn wallet(&self) -> Wallet {
        Wallet::at(&self.sandbox.stripe, self.sandbox.clock()).expect("the wallet can be created")
    }
}

/// Adyen calls the merchant and takes the payments itself.
fn adyen_settings(name: &str) -> String {
    let (key, hold) = (Merchant::adyen_hmac_key(name), HOLD.as_secs());
    format!(
        r#"
[adyen]
company_account = "Company{name}"
merchant_account = "{name}"
merchant = {{ auth = "hmac", hmac_keys = ["{key}"], flow = "standard", hold_seconds = {hold} }}
"#
    )
}

/// A merchant that is paid at the acquirer and by Adyen.
fn paid_merchant(name: &str) -> Merchant {
    let merchant = Merchant::named(name).catalog(CATALOG).without_processor();
    let merchant = merchant.processor(component(PROCESSOR), PROCESSOR_MANIFEST, PROCESSOR_SETTINGS);
    let merchant = merchant.acquirer(ACQUIRER_SETTINGS).set(&adyen_settings(name));
    merchant.webhook("receiver", Release::V2026_04_17, &[])
}

/// The configuration of all hosts; variables set the listen address and the socket for operators of each.
fn configuration(merchants: &[Merchant], folder: &TestFolder, sandbox: &Sandbox, store: &str) -> String {
    let tables = merchants
        .iter()
        .map(|merchant| (merchant.name.clone(), Value::Table(merchant.table(folder, sandbox))));
    let mut config = parse(SETTINGS);
    config.insert("merchants".to_owned(), Value::Table(tables.collect()));
    let mut set = |section: &str, key: &str, value: Value| {
        let table = config.entry(section).or_insert_with(|| Value::Table(Table::new()));
        table
            .as_table_mut()
            .expect("the section is a table")
            .insert(key.to_owned(), value);
    };
    set("server", "drain_delay_ms", Value::Integer(0));
    set("store", "url", Value::String(store.to_owned()));
    let compiled = code::folder().display().to_string();
    set("plugins", "code_folder", Value::String(compiled));
    config.to_string()
}
