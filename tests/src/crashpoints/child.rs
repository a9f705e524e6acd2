//! The process of the host, and its reports of the crash points that it passes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tokio::sync::watch;

/// An armed crash point: its name, which pass triggers it, and the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmedPoint {
    /// Name of the crash point, such as `commit.NAME.before`.
    pub name: String,
    /// Which pass of the crash point triggers, counted from one.
    pub nth: u32,
    /// What happens there: `abort`, `error` or `hang`.
    pub action: &'static str,
    /// Timeout of an exchange that hangs, in milliseconds.
    pub patience_ms: u64,
}

/// The host has ended or hangs for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCrashed;

/// What the process has reported so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reports {
    /// The address that the host listens on, once it does.
    pub(super) address: Option<SocketAddr>,
    /// Names of the crash points passed so far, in order.
    pub(super) passed: Vec<String>,
    /// Whether the armed crash point was reached.
    pub(super) reached: bool,
    /// Whether the process has ended.
    pub(super) ended: bool,
}

/// What happens to a host at the armed crash point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It goes on: the error or the hang is limited to one exchange.
    None,
    /// The process ends at once, by an abort.
    Aborted,
    /// A commit never returns: the host makes no more progress.
    Hangs,
}

/// A running host; killed when dropped.
#[derive(Debug)]
pub(super) struct HostChild {
    process: Child,
    reports: watch::Receiver<Reports>,
    /// What happens to it at the armed crash point.
    effect: Effect,
}

impl HostChild {
    /// Starts the host and appends its log to the file.
    pub(super) fn start(program: &Path, arguments: &[String], armed: Option<&ArmedPoint>, log: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be opened");
        let mut command = Command::new(program);
        command
            .args(arguments)
            // Environment variables of the machine must not change what is tested.
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        if let Some(armed) = armed {
            command.args(["--at", &armed.name, "--action", armed.action]);
            command.args(["--nth", &armed.nth.to_string()]);
            command.args(["--patience-ms", &armed.patience_ms.to_string()]);
        }
        let mut process = command.spawn().expect("the host starts");
        let stdout = process.stdout.take().expect("standard output is piped");
        let (writer, reports) = watch::channel(Reports::default());
        std::thread::spawn(move || listen(stdout, &writer));
        Self {
            process,
            reports,
            effect: armed.map_or(Effect::None, Effect::of),
        }
    }

    /// Waits until the reports satisfy a condition.
    pub(super) async fn until(&self, holds: impl FnMut(&Reports) -> bool) -> Reports {
        let mut reports = self.reports.clone();
        let seen = reports.wait_for(holds).await;
        seen.map(|reports| reports.clone())
            .unwrap_or_else(|_| self.reports.borrow().clone())
    }

    /// Waits until the host has ended or hangs.
    pub(super) async fn wait_until_crashed(&self) -> HostCrashed {
        let is_stuck = self.effect == Effect::Hangs;
        let _ = self
            .until(|reports| reports.ended || (reports.reached && is_stuck))
            .await;
        HostCrashed
    }

    /// Waits until the host reaches the armed crash point, and for the effect there.
    pub(super) async fn reach(&self) -> Result<(), HostCrashed> {
        let reports = self.until(|reports| reports.reached || reports.ended).await;
        assert!(
            reports.reached,
            "the armed crash point was not passed: {:#?}",
            reports.passed
        );
        match self.effect {
            Effect::None => Ok(()),
            Effect::Aborted | Effect::Hangs => Err(self.wait_until_crashed().await),
        }
    }

    /// Sends SIGTERM and waits for a graceful end; returns all that the host reported.
    pub(super) async fn stop(&self) -> Reports {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "could not send SIGTERM to the host"
        );
        self.until(|reports| reports.ended).await
    }

    /// The reports so far.
    pub(super) fn reports(&self) -> Reports {
        self.reports.borrow().clone()
    }
}

impl Drop for HostChild {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Effect {
    fn of(armed: &ArmedPoint) -> Self {
        match armed.action {
            "abort" => Self::Aborted,
            "hang" if armed.name.starts_with("commit.") => Self::Hangs,
            _ => Self::None,
        }
    }
}

fn listen(stdout: ChildStdout, reports: &watch::Sender<Reports>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        reports.send_modify(|reports| match line.split_once(' ') {
            Some(("passed", name)) => reports.passed.push(name.to_owned()),
            Some(("reached", name)) => {
                reports.passed.push(name.to_owned());
                reports.reached = true;
            }
            Some(("serving", address)) => reports.address = address.parse().ok(),
            _ => panic!("unexpected line from the host: {line:?}"),
        });
    }
    reports.send_modify(|reports| reports.ended = true);
}
