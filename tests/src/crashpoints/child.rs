//! The process of the host, and its reports of the crash points that it passes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tokio::sync::watch;

/// An armed crash point: its name, which pass triggers it, and the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arming {
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
pub struct Fell;

/// What the process has reported so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
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
enum End {
    /// It goes on: the error or the hang is limited to one exchange.
    None,
    /// The process ends at once, by an abort.
    Gone,
    /// A commit never returns: the host makes no more progress.
    Stuck,
}

/// A running host; killed when dropped.
#[derive(Debug)]
pub(super) struct HostChild {
    process: Child,
    marks: watch::Receiver<Marks>,
    /// What happens to it at the armed crash point.
    end: End,
}

impl HostChild {
    /// Starts the host and appends its log to the file.
    pub(super) fn start(program: &Path, arguments: &[String], armed: Option<&Arming>, log: &Path) -> Self {
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
        let said = process.stdout.take().expect("standard output is piped");
        let (writer, marks) = watch::channel(Marks::default());
        std::thread::spawn(move || listen(said, &writer));
        Self {
            process,
            marks,
            end: armed.map_or(End::None, End::of),
        }
    }

    /// Waits until the reports satisfy a condition.
    pub(super) async fn until(&self, holds: impl FnMut(&Marks) -> bool) -> Marks {
        let mut marks = self.marks.clone();
        let seen = marks.wait_for(holds).await;
        seen.map(|marks| marks.clone())
            .unwrap_or_else(|_| self.marks.borrow().clone())
    }

    /// Waits until the host has ended or hangs.
    pub(super) async fn fell(&self) -> Fell {
        let is_stuck = self.end == End::Stuck;
        let _ = self.until(|marks| marks.ended || (marks.reached && is_stuck)).await;
        Fell
    }

    /// Waits until the host reaches the armed crash point, and for the effect there.
    pub(super) async fn reach(&self) -> Result<(), Fell> {
        let marks = self.until(|marks| marks.reached || marks.ended).await;
        assert!(
            marks.reached,
            "the armed crash point was not passed: {:#?}",
            marks.passed
        );
        match self.end {
            End::None => Ok(()),
            End::Gone | End::Stuck => Err(self.fell().await),
        }
    }

    /// Sends SIGTERM and waits for a graceful end; returns all that the host reported.
    pub(super) async fn stop(&self) -> Marks {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "could not send SIGTERM to the host"
        );
        self.until(|marks| marks.ended).await
    }

    /// The reports so far.
    pub(super) fn marks(&self) -> Marks {
        self.marks.borrow().clone()
    }
}

impl Drop for HostChild {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl End {
    fn of(armed: &Arming) -> Self {
        match armed.action {
            "abort" => Self::Gone,
            "hang" if armed.name.starts_with("commit.") => Self::Stuck,
            _ => Self::None,
        }
    }
}

fn listen(said: ChildStdout, marks: &watch::Sender<Marks>) {
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        marks.send_modify(|marks| match line.split_once(' ') {
            Some(("passed", name)) => marks.passed.push(name.to_owned()),
            Some(("reached", name)) => {
                marks.passed.push(name.to_owned());
                marks.reached = true;
            }
            Some(("serving", address)) => marks.address = address.parse().ok(),
            _ => panic!("unexpected line from the host: {line:?}"),
        });
    }
    marks.send_modify(|marks| marks.ended = true);
}
