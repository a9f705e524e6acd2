//! A node: the place at which a host runs, is killed, is stopped and is started again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::Client;

use super::child::HostProcess;

/// A host that is not ready within this time is broken.
const TIMEOUT: Duration = Duration::from_secs(60);

/// One address, one log, at most one process at a time.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) address: SocketAddr,
    program: PathBuf,
    config: PathBuf,
    log: PathBuf,
    /// Path of the socket for operators.
    pub(super) socket: PathBuf,
    host: Mutex<Option<HostProcess>>,
}

impl Node {
    /// A node at a free address that no other node of the run has. `files` is the path of its log and its socket, without extension.
    pub(super) fn new(program: &Path, config: &Path, files: PathBuf) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port can be bound");
        Self {
            address: listener.local_addr().expect("the listener has an address"),
            program: program.to_owned(),
            config: config.to_owned(),
            log: files.with_extension("log"),
            socket: files.with_extension("sock"),
            host: Mutex::new(None),
        }
    }

    /// Starts a host on what the last one left.
    pub(super) fn start(&self) {
        let host = HostProcess::start(&self.program, &self.config, self);
        *self.host() = Some(host);
    }

    /// Kills the host (SIGKILL), whatever it is doing.
    pub(super) fn kill(&self) {
        let mut host = self.host();
        let host = host.take().expect("a host was started");
        self.assert_running(host).kill();
    }

    /// Stops the host (SIGSTOP), whatever it is doing.
    pub(super) fn pause(&self) {
        self.host().as_ref().expect("a host was started").signal("STOP");
    }

    /// Continues the host (SIGCONT).
    pub(super) fn resume(&self) {
        self.host().as_ref().expect("a host was started").signal("CONT");
    }

    /// Waits until the host is ready, and returns its age. A host that ended because the database was down (until `away_until`)
    /// is started again, as a supervisor would do.
    pub(super) async fn ready(&self, client: &Client, away_until: impl Fn() -> Option<Instant>) -> Duration {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let (ended, since) = {
                let mut host = self.host();
                let host = host.as_mut().expect("a host was started");
                (host.ended(), host.since)
            };
            if let Some(status) = ended {
                let excused = away_until().is_some_and(|until| since <= until);
                assert!(excused, "the host ended by itself with {status}: {}", self.log_tail());
                self.start();
            }
            let asked = client.at_root("/readyz").to(self.address).try_send();
            let asked = tokio::time::timeout(TIMEOUT / 10, asked).await;
            if asked.is_ok_and(|asked| asked.is_ok_and(|answer| answer.status == 200)) {
                return since.elapsed();
            }
            let words = || self.log_tail();
            assert!(Instant::now() < deadline, "not ready within {TIMEOUT:?}: {}", words());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the host gracefully (SIGTERM).
    pub(super) async fn stop(&self) {
        let host = self.host().take();
        if let Some(host) = host {
            let status = self.assert_running(host).stop(TIMEOUT).await;
            assert!(status.success(), "the host ended with {status}: {}", self.log_tail());
        }
    }

    /// Path of the log of all hosts of this node.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Asserts that the host is running: only the test may end it.
    fn assert_running(&self, mut host: HostProcess) -> HostProcess {
        if let Some(status) = host.ended() {
            panic!("the host ended by itself with {status}: {}", self.log_tail());
        }
        host
    }

    fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn host(&self) -> MutexGuard<'_, Option<HostProcess>> {
        self.host.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
