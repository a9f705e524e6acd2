//! A host in a separate process.
//!
//! The program is the test program itself: the `main` of a target that starts such hosts calls [`serve_if_invoked`] first.

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
use crate::adyen::Adyen;
use crate::adyen_sandbox::AdyenSandbox;
use crate::bundled_plugins::SHOP;
use crate::client::Client;
use crate::clock::TestClock;
use crate::component;
use crate::folder::TestFolder;
use crate::host::Builder;
use crate::merchant::{overlay, parse};
use crate::official;
use crate::wallet;

/// Timeout until the host listens: it compiles its plugins first.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(120);

/// Start of the log line that names the host's address; the address follows it.
const SERVING: &str = "serving address=";

/// Runs `tillhouse` if this process was started as `… serve …`.
#[must_use]
pub fn serve_if_invoked() -> Option<ExitCode> {
    let verb = std::env::args().nth(1);
    (verb.as_deref() == Some("serve")).then(tillhouse::cli::run)
}

/// Runs `tillhouse` if [`HostProcess`] started this process as one of its commands: the test harness has none of these options.
#[must_use]
pub fn tillhouse_if_invoked() -> Option<ExitCode> {
    let asked = std::env::args().any(|word| ["--config", "--socket", "--to", "--errors"].contains(&word.as_str()));
    asked.then(tillhouse::cli::run)
}

/// Runs `tillhouse` if this process was started as `… plugin …`.
#[must_use]
pub fn plugin_if_invoked() -> Option<ExitCode> {
    let verb = std::env::args().nth(1);
    (verb.as_deref() == Some("plugin")).then(tillhouse::cli::run)
}

/// The result of a command.
#[derive(Debug)]
pub struct CommandOutput {
    /// Exit code of the command.
    pub code: i32,
    /// Standard output as JSON; `null` if it is not JSON.
    pub json: Value,
    /// Standard output and standard error.
    pub text: String,
}

impl CommandOutput {
    /// Asserts the exit code.
    #[track_caller]
    #[must_use]
    pub fn expect_exit(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        self
    }
}

/// Runs `tillhouse` with these arguments, as an operator would.
#[must_use]
pub fn tillhouse(words: &[&str]) -> CommandOutput {
    let output = Command::new(std::env::current_exe().expect("the path of the test program"))
        .args(words)
        .env("USER", "tester")
        .stdin(Stdio::null())
        .output()
        .expect("the command can be started");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = serde_json::from_str(&text).unwrap_or_default();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    CommandOutput {
        code: output.status.code().expect("the command ends without a signal"),
        json,
        text,
    }
}

/// A host in a separate process, and its sandbox in this one. The host is killed when dropped.
#[derive(Debug)]
pub struct HostProcess {
    /// Simulated Stripe and acquirer, in this process.
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
    /// Starts a host with this plan, optionally under another command such as `strace`. Collects its whole log.
    pub async fn start(plan: Builder, under: &[&str]) -> Self {
        let plan = plan.with_demo_merchant();
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
        process.start_again().await;
        process
    }

    /// Starts the host again, over the same store.
    pub async fn start_again(&mut self) {
        if let Err(log) = self.try_start().await {
            panic!("the host ended or timed out before it listened:\n{log}");
        }
    }

    /// Tries to start the host, which must refuse; returns its log.
    pub async fn expect_start_error(&mut self) -> String {
        match self.try_start().await {
            Ok(()) => panic!("expected the host to refuse to start, but it listens"),
            Err(log) => log,
        }
    }

    /// Starts the host. The error is its log, if it ended or timed out before it listened.
    async fn try_start(&mut self) -> Result<(), String> {
        let program = std::env::current_exe().expect("the path of the test program");
        let mut words = self.under.iter().map(Into::into).chain([program.into_os_string()]);
        let mut command = Command::new(words.next().expect("the command names a program"));
        command
            .args(words)
            .args(["serve", "--config"])
            .arg(&self.config)
            .arg("--reference")
            .arg(component(SHOP))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the host can be started");
        let stderr = child.stderr.take().expect("standard error is piped");
        let (listening, told) = oneshot::channel();
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || collect_log(BufReader::new(stderr), &log, listening));
        let told = tokio::time::timeout(STARTUP_TIMEOUT, told).await;
        let Ok(Ok(address)) = told else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(String::from_utf8_lossy(&self.log()).into_owned());
        };
        self.running = Some(Running { child, address });
        Ok(())
    }

    /// Ends the host like a power cut, except that the disk keeps all writes (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.child.kill().expect("the host's process can be killed");
            running.child.wait().expect("the host's process ends");
        }
    }

    /// Asks the host to stop (SIGTERM), and waits until it has.
    pub fn stop(&mut self) {
        let mut running = self.running.take().expect("the host runs");
        let id = if self.under.is_empty() {
            running.child.id().to_string()
        } else {
            child_of(running.child.id())
        };
        let asked = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("the command `kill` can be run");
        assert!(asked.success(), "could not send SIGTERM to the host");
        running.child.wait().expect("the host's process ends");
    }

    /// The lock taken before each line of the log is collected: while the test holds it, nothing reads the host's log.
    #[must_use]
    pub fn log_lock(&self) -> Arc<Mutex<Vec<u8>>> {
        Arc::clone(&self.log)
    }

    /// Process id of the host.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.running.as_ref().expect("the host runs").child.id()
    }

    /// Asks the host to stop (SIGTERM), without waiting.
    pub fn terminate(&self) {
        let id = self.id().to_string();
        let asked = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("the command `kill` can be run");
        assert!(asked.success(), "could not send SIGTERM to the host");
    }

    /// How the host ended; `None` while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let running = self.running.as_mut().expect("the host was started");
        running.child.try_wait().expect("the status of the child process")
    }

    /// Runs an operator's command with this host's configuration and `--json`.
    #[must_use]
    pub fn run_json(&self, words: &[&str]) -> CommandOutput {
        let config = self.config.to_str().expect("a path in UTF-8");
        let mut all = words.to_vec();
        all.extend(["--config", config, "--json"]);
        tillhouse(&all)
    }

    /// Runs the same command without `--json`, for the table that an operator reads.
    #[must_use]
    pub fn run_text(&self, words: &[&str]) -> CommandOutput {
        let config = self.config.to_str().expect("a path in UTF-8");
        tillhouse(&[words, &["--config", config]].concat())
    }

    /// Merges TOML into the host's configuration, for its next start.
    pub fn configure(&self, settings: &str) {
        let text = std::fs::read_to_string(&self.config).expect("the configuration can be read");
        let mut config = parse(&text);
        overlay(&mut config, parse(settings));
        std::fs::write(&self.config, config.to_string()).expect("the configuration can be written");
    }

    /// The log of all runs of this host.
    #[must_use]
    pub fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The directory of the store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.folder().join("store")
    }

    /// The directory of configuration, catalogs and store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client of the first merchant, at the host's address without a prefix.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address(), "", &self.merchant, &self.clock)
    }

    /// An agent of the first merchant.
    #[must_use]
    pub fn acp(&self) -> Acp<'_> {
        Acp::new(&self.sandbox, self.client(), Release::V2026_04_17)
    }

    /// An agent of the named merchant, at `/m/NAME`.
    #[must_use]
    pub fn acp_at(&self, merchant: &str) -> Acp<'_> {
        let client = Client::new(self.address(), &format!("/m/{merchant}"), merchant, &self.clock);
        Acp::new(&self.sandbox, client, Release::V2026_04_17)
    }

    /// An agent of the first merchant, over Adyen's agent API at the host.
    #[must_use]
    pub fn adyen(&self) -> Adyen<'_> {
        Adyen::new(&self.sandbox, self.client(), &self.merchant)
    }

    /// The sandbox's Adyen, which from now on sells for the first merchant in the standard flow.
    #[must_use]
    pub fn adyen_sandbox(&self) -> AdyenSandbox<'_> {
        AdyenSandbox::new(&self.sandbox, self.address(), &self.merchant)
    }

    /// Stripe, calling the hooks of the first merchant.
    #[must_use]
    pub fn stripe_acs(&self) -> crate::StripeAcs<'_> {
        crate::StripeAcs::new(&self.sandbox, self.client())
    }

    /// A shared payment token of a test card (`pm_card_…`), for this amount.
    pub async fn token_of(&self, payment_method: &str, cents: i64) -> String {
        wallet::token(&self.sandbox, payment_method, cents, "usd").await
    }

    /// The address that the host listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("the host runs").address
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            official::adyen::hold_transcript(&self.sandbox.adyen.transcript());
        }
    }
}

/// Collects every line, and sends the address when the host logs it.
fn collect_log(mut lines: impl BufRead, log: &Mutex<Vec<u8>>, listening: oneshot::Sender<SocketAddr>) {
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

/// The only child process of a process.
fn child_of(id: u32) -> String {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))
        .expect("the kernel lists the child processes");
    children
        .split_whitespace()
        .next()
        .expect("the process has a child")
        .to_owned()
}
