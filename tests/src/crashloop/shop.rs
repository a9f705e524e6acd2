//! Simulators, folder, configuration and the host of the moment.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tillhouse_sandbox::agent::Wallet;
use tillhouse_sandbox::{AcquirerConfig, Sandbox, SandboxConfig};
use tokio::sync::watch;
use toml::{Table, Value};

use crate::client::Client;
use crate::clock::TestClock;
use crate::folder::TestFolder;
use crate::guests::{PROCESSOR, SHOP, component};
use crate::merchant::{Merchant, parse};

use super::child::HostProcess;
use super::program;

/// Both sell the same, so that a reading of the wrong one would not be noticed by its items.
pub(super) const TENANTS: [&str; 2] = ["north", "south"];

/// Items and how many there are. The last is what agents fight for.
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

/// Waits of seconds where a real host waits for minutes. A charge is under way for [`SLOW_CARD`] at most, which is much less
/// than the two seconds after which one that the acquirer does not know counts as never made.
const SETTINGS: &str = r#"
[store]
url = "sqlite:store"

[payments]
lookups_ms = [50, 100, 250, 500]
absence_floor_ms = 2000
outbox_tick_ms = 50

[plugins]
queue_wait_ms = 30000
"#;
const PROCESSOR_SETTINGS: &str = "config.visibility-delay-s = 2";

/// How long the slow card takes.
const SLOW_CARD: Duration = Duration::from_millis(300);

/// A host that is not ready after so long is broken.
const START: Duration = Duration::from_secs(60);

/// The file of the store within the folder of the store.
const DATABASE: &str = "store/tillhouse.db";

/// Everything but the agents.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) sandbox: Sandbox,
    pub(super) address: SocketAddr,
    pub(super) clock: TestClock,
    /// Spawn to ready, for every start that was waited for.
    pub(super) starts: Vec<Duration>,
    pub(super) kills: u32,
    up: watch::Sender<bool>,
    host: Option<HostProcess>,
    program: PathBuf,
    folder: TestFolder,
}

impl Shop {
    /// Start the simulators and the first host.
    pub(super) async fn open() -> Self {
        let sandbox = SandboxConfig {
            acquirer: AcquirerConfig {
                slow_card_delay: SLOW_CARD,
                ..AcquirerConfig::default()
            },
            ..SandboxConfig::default()
        };
        let mut shop = Self {
            sandbox: Sandbox::start(sandbox).await.expect("the sandbox starts"),
            address: free_address(),
            clock: TestClock::of_the_machine(),
            starts: Vec::new(),
            kills: 0,
            up: watch::Sender::new(false),
            host: None,
            program: program::tillhouse(),
            folder: TestFolder::new(),
        };
        shop.folder.write("tillhouse.toml", shop.configuration());
        shop.start();
        shop
    }

    fn configuration(&self) -> String {
        let mut merchants = Table::new();
        for name in TENANTS {
            let merchant = Merchant::named(name).catalog(CATALOG).without_processor();
            let merchant = merchant.processor(component(PROCESSOR), PROCESSOR_MANIFEST, PROCESSOR_SETTINGS);
            merchants.insert(
                name.to_owned(),
                Value::Table(merchant.table(&self.folder, &self.sandbox)),
            );
        }
        let mut config = parse(SETTINGS);
        let server = parse(&format!("listen = \"{}\"\ndrain_delay_ms = 0", self.address));
        config.insert("server".to_owned(), Value::Table(server));
        config.insert("merchants".to_owned(), Value::Table(merchants));
        config.to_string()
    }

    /// Start a host on what the last one left.
    pub(super) fn start(&mut self) {
        let folder = self.folder.path();
        let (config, log) = (folder.join("tillhouse.toml"), self.log());
        self.host = Some(HostProcess::start(&self.program, &config, &component(SHOP), &log));
    }

    /// Wait until it answers, and let the agents go on.
    pub(super) async fn ready(&mut self) {
        let client = self.client(TENANTS[0]);
        let log = self.log();
        let host = self.host.as_mut().expect("a host was started");
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = host.ended() {
                let log = std::fs::read_to_string(log).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                panic!("the host ended by itself with {status}; its last words, last first: {tail:#?}");
            }
            let asked = client.at_root("/readyz").try_send().await;
            if asked.is_ok_and(|answer| answer.status == 200) {
                break;
            }
            assert!(Instant::now() < deadline, "the host is not ready in {START:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if !self.up.send_replace(true) {
            self.starts.push(host.since.elapsed());
        }
    }

    /// SIGKILL to whatever it is doing.
    pub(super) fn kill(&mut self) {
        self.up.send_replace(false);
        if let Some(host) = self.host.take() {
            host.kill();
            self.kills += 1;
        }
    }

    /// The end, in good order.
    pub(super) async fn stop(&mut self) {
        self.up.send_replace(false);
        if let Some(host) = self.host.take() {
            let status = host.stop(START).await;
            assert!(status.success(), "the host ended with {status}");
        }
    }

    /// Whether a host is ready now.
    pub(super) fn up(&self) -> watch::Receiver<bool> {
        self.up.subscribe()
    }

    pub(super) fn client(&self, tenant: &str) -> Client {
        Client::new(self.address, &format!("/m/{tenant}"), tenant, &self.clock)
    }

    pub(super) fn wallet(&self) -> Wallet {
        Wallet::at(&self.sandbox.stripe, self.sandbox.clock()).expect("a wallet")
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.path().join("host.log")
    }
}

/// A port that is free now and that nobody else here is given.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}
