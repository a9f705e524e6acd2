//! A host in a process of its own.
//!
//! The program is the test program itself: a target that starts such hosts gives its `main` to [`serve_if_asked`] first.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tillhouse_sandbox::Sandbox;
use tokio::sync::oneshot;

use crate::acp::{Acp, Release};
use crate::client::Client;
use crate::clock::TestClock;
use crate::component;
use crate::folder::TestFolder;
use crate::guests::SHOP;
use crate::host::Builder;
use crate::merchant::{overlay, parse};
use crate::wallet;

/// How long a host may take to listen: it compiles its plugins first.
const PATIENCE: Duration = Duration::from_secs(120);

/// The line that says where it listens, and where it says so.
const SERVING: &str = "serving address=";

/// Be `tillhouse` where this process was started as `… serve …`.
#[must_use]
pub fn serve_if_asked() -> Option<ExitCode> {
    let verb = std::env::args().nth(1);
    (verb.as_deref() == Some("serve")).then(tillhouse::cli::run)
}

/// Be `tillhouse` where this process was started as one of its commands by [`HostProcess`]: the harness of tests knows none of
/// these options.
#[must_use]
pub fn tillhouse_if_asked() -> Option<ExitCode> {
    let asked = std::env::args().any(|word| ["--config", "--socket", "--to"].contains(&word.as_str()));
    asked.then(tillhouse::cli::run)
}

/// Be `tillhouse` where this process was started as `… plugin …`.
#[must_use]
pub fn plugin_if_asked() -> Option<ExitCode> {
    let verb = std::env::args().nth(1);
    (verb.as_deref() == Some("plugin")).then(tillhouse::cli::run)
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// What it printed, as JSON; null where that is none.
    pub json: Value,
    /// What it printed and complained.
    pub text: String,
}

impl Said {
    /// This, which must have ended with that code.
    #[track_caller]
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        self
    }
}

/// Run `tillhouse` with these words, as a command of an operator.
#[must_use]
pub fn tillhouse(words: &[&str]) -> Said {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(words)
        .env("USER", "tester")
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = serde_json::from_str(&text).unwrap_or_default();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Said {
        code: output.status.code().expect("it ends by itself"),
        json,
        text,
    }
}

/// A host in a process of its own, and the sandbox that it talks to in this one. Dropped, it is killed.
#[derive(Debug)]
pub struct HostProcess {
    /// Simulated Stripe and acquirer.
    pub sandbox: Sandbox,
    clock: TestClock,
    merchant: String,
    folder: TestFolder,
    config: PathBuf,
    under: Vec<String>,
    log: Arc<Mutex<Vec<u8>>>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    address: SocketAddr,
}

impl HostProcess {
    /// Start a host of this plan, under another command where one is given, with all that it logs kept.
    pub async fn start(plan: Builder, under: &[&str]) -> Self {
        let plan = plan.or_demo();
        let clock = TestClock::of_the_machine();
        let folder = TestFolder::new();
        let sandbox = plan.start_sandbox(&clock).await;
        let mut process = Self {
            config: folder.write("tillhouse.toml", plan.configuration(&folder, &sandbox).to_string()),
            merchant: plan.first().to_owned(),
            under: under.iter().map(|word| (*word).to_owned()).collect(),
            log: Arc::default(),
            running: None,
            sandbox,
            clock,
            folder,
        };
        process.revive().await;
        process
    }

    /// Start it again, over the same store.
    pub async fn revive(&mut self) {
        let program = std::env::current_exe().expect("this program");
        let mut words = self.under.iter().map(Into::into).chain([program.into_os_string()]);
        let mut command = Command::new(words.next().expect("at least the program"));
        command
            .args(words)
            .args(["serve", "--config"])
            .arg(&self.config)
            .arg("--reference")
            .arg(component(SHOP))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the host's process");
        let stderr = child.stderr.take().expect("its log");
        let (listening, told) = oneshot::channel();
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || keep(BufReader::new(stderr), &log, listening));
        let told = tokio::time::timeout(PATIENCE, told).await;
        let Ok(Ok(address)) = told else {
            let _ = child.kill();
            panic!("the host does not listen:\n{}", String::from_utf8_lossy(&self.log()));
        };
        self.running = Some(Running { child, address });
    }

    /// End it as a power cut does, but for what the disk was still to write.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.child.kill().expect("the host's process can be killed");
            running.child.wait().expect("the host's process ends");
        }
    }

    /// Ask it to stop, and wait until it has.
    pub fn stop(&mut self) {
        let mut running = self.running.take().expect("the host runs");
        let id = if self.under.is_empty() {
            running.child.id().to_string()
        } else {
            child_of(running.child.id())
        };
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(asked.success(), "the host could not be asked to stop");
        running.child.wait().expect("the host's process ends");
    }

    /// What is taken before each line of the log is kept: whoever holds it keeps the log from being read.
    #[must_use]
    pub fn reading(&self) -> Arc<Mutex<Vec<u8>>> {
        Arc::clone(&self.log)
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.running.as_ref().expect("the host runs").child.id()
    }

    /// Ask it to stop, and go on.
    pub fn terminate(&self) {
        let id = self.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(asked.success(), "the host could not be asked to stop");
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let running = self.running.as_mut().expect("the host was started");
        running.child.try_wait().expect("a child of ours")
    }

    /// Ask something of it as an operator does, with its configuration and for JSON.
    #[must_use]
    pub fn ask(&self, words: &[&str]) -> Said {
        let config = self.config.to_str().expect("a path in UTF-8");
        let mut all = words.to_vec();
        all.extend(["--config", config, "--json"]);
        tillhouse(&all)
    }

    /// Ask the same as a person does, who reads a table.
    #[must_use]
    pub fn read(&self, words: &[&str]) -> Said {
        let config = self.config.to_str().expect("a path in UTF-8");
        tillhouse(&[words, &["--config", config]].concat())
    }

    /// TOML that is laid over its configuration, for its next start.
    pub fn configure(&self, settings: &str) {
        let text = std::fs::read_to_string(&self.config).expect("its configuration");
        let mut config = parse(&text);
        overlay(&mut config, parse(settings));
        std::fs::write(&self.config, config.to_string()).expect("its configuration is written");
    }

    /// Everything that it logged, in all its lives.
    #[must_use]
    pub fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder of the store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.folder().join("store")
    }

    /// The folder of configuration, catalogs and store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client of the first merchant.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address(), "", &self.merchant, &self.clock)
    }

    /// An agent at the first merchant.
    #[must_use]
    pub fn acp(&self) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client(), Release::V2026_04_17)
    }

    /// An agent at a merchant.
    #[must_use]
    pub fn acp_at(&self, merchant: &str) -> Acp<'_> {
        let client = Client::new(self.address(), &format!("/m/{merchant}"), merchant, &self.clock);
        Acp::new(&self.sandbox, client, Release::V2026_04_17)
    }

    /// Stripe in front of the first merchant.
    #[must_use]
    pub fn stripe_acs(&self) -> crate::StripeAcs<'_> {
        crate::StripeAcs::new(&self.sandbox, self.client())
    }

    /// A token of a test card (`pm_card_…`) for that many cents.
    pub async fn token_of(&self, payment_method: &str, cents: i64) -> String {
        wallet::token(&self.sandbox, payment_method, cents, "usd").await
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("the host runs").address
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keep every line, and pass on the address when it is there.
fn keep(mut lines: impl BufRead, log: &Mutex<Vec<u8>>, listening: oneshot::Sender<SocketAddr>) {
    let mut listening = Some(listening);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        let address = text.split_once(SERVING).and_then(|(_, rest)| rest.trim().parse().ok());
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&line);
        if let Some(address) = address
            && let Some(listening) = listening.take()
        {
            let _ = listening.send(address);
        }
        line.clear();
    }
}

/// The one child of a process.
fn child_of(id: u32) -> String {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("its children");
    children.split_whitespace().next().expect("a child").to_owned()
}
