//! A host in a separate process.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::bundled_plugins::{SHOP, component};

use super::node::Node;

/// A running `tillhouse serve`; killed when dropped.
#[derive(Debug)]
pub(super) struct HostProcess {
    child: Child,
    /// When the process was started.
    pub(super) since: Instant,
}

impl HostProcess {
    /// Starts the host of a node and appends its output to the log. All hosts have the same configuration, except for where they listen.
    pub(super) fn start(program: &Path, config: &Path, node: &Node) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(node.log())
            .expect("the log can be opened");
        let child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(config)
            .arg("--reference")
            .arg(component(SHOP))
            // Environment variables of the machine must not change what is tested.
            .env_clear()
            .env("TILLHOUSE_SERVER_LISTEN", node.address.to_string())
            .env("TILLHOUSE_ADMIN_SOCKET", &node.socket)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log's handle can be cloned"))
            .stderr(log)
            .spawn()
            .expect("the host starts");
        Self {
            child,
            since: Instant::now(),
        }
    }

    /// How the host ended by itself; `None` while it runs.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the status of the child process")
    }

    /// Sends SIGKILL, and waits for the process to end.
    pub(super) fn kill(mut self) {
        self.kill_now();
    }

    fn kill_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal by its name without `SIG`, such as `STOP`.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        let sent = sent.is_ok_and(|status| status.success());
        assert!(sent, "could not send SIG{name} to the host");
    }

    /// Sends SIGTERM, and waits for a graceful end.
    pub(super) async fn stop(mut self, timeout: Duration) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(Instant::now() < deadline, "the host did not stop within {timeout:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill_now();
    }
}
