//! The process of the host, and what it says of the places that it passes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tokio::sync::watch;

/// A place that is armed: its name, which passing of it, and what happens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arming {
    /// Its name.
    pub name: String,
    /// Which passing of it, from one.
    pub nth: u32,
    /// `abort`, `error` or `hang`.
    pub action: &'static str,
    /// How long an exchange hangs before it runs into its bound, in milliseconds.
    pub patience_ms: u64,
}

/// The host is gone, or will go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fell;

/// What the process has said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Where it listens.
    pub(super) address: Option<SocketAddr>,
    /// The places that it has passed, in order.
    pub(super) passed: Vec<String>,
    /// Whether it has reached the armed one.
    pub(super) reached: bool,
    /// Whether it is gone.
    pub(super) ended: bool,
}

/// What becomes of a host at the place where it is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It goes on: what fails or hangs there has an end.
    None,
    /// It is gone.
    Gone,
    /// A commit never returns: it goes no further.
    Stuck,
}

/// A running host. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct HostChild {
    process: Child,
    marks: watch::Receiver<Marks>,
    /// What becomes of it where it is armed.
    end: End,
}

impl HostChild {
    /// Start it; what it logs is added to the file.
    pub(super) fn start(program: &Path, arguments: &[String], armed: Option<&Arming>, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log file");
        let mut command = Command::new(program);
        command
            .args(arguments)
            // Nobody's variables change what is tested.
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
        let said = process.stdout.take().expect("its standard output");
        let (writer, marks) = watch::channel(Marks::default());
        std::thread::spawn(move || listen(said, &writer));
        Self {
            process,
            marks,
            end: armed.map_or(End::None, End::of),
        }
    }

    /// Wait until what it has said is so.
    pub(super) async fn until(&self, holds: impl FnMut(&Marks) -> bool) -> Marks {
        let mut marks = self.marks.clone();
        let seen = marks.wait_for(holds).await;
        seen.map(|marks| marks.clone())
            .unwrap_or_else(|_| self.marks.borrow().clone())
    }

    /// Wait until it goes no further by itself.
    pub(super) async fn fell(&self) -> Fell {
        let is_stuck = self.end == End::Stuck;
        let _ = self.until(|marks| marks.ended || (marks.reached && is_stuck)).await;
        Fell
    }

    /// Wait until it has reached the armed place, and for what becomes of it there.
    pub(super) async fn reach(&self) -> Result<(), Fell> {
        let marks = self.until(|marks| marks.reached || marks.ended).await;
        assert!(marks.reached, "the armed place was not passed: {:#?}", marks.passed);
        match self.end {
            End::None => Ok(()),
            End::Gone | End::Stuck => Err(self.fell().await),
        }
    }

    /// SIGTERM, and the end in good order: all that it said has been read then.
    pub(super) async fn stop(&self) -> Marks {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "a child of ours can be asked to stop"
        );
        self.until(|marks| marks.ended).await
    }

    /// What it has said.
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
            _ => panic!("the host says {line:?}"),
        });
    }
    marks.send_modify(|marks| marks.ended = true);
}
