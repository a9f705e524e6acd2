//! A host in a process of its own.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::guests::{SHOP, component};

/// A running `tillhouse serve`. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct HostProcess {
    child: Child,
    /// When it was started.
    pub(super) since: Instant,
}

impl HostProcess {
    /// Start it; what it says is added to the log. All hosts have one configuration, but for where they listen.
    pub(super) fn start(program: &Path, config: &Path, listen: SocketAddr, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log file");
        let child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(config)
            .arg("--reference")
            .arg(component(SHOP))
            // Nobody's variables change what is tested.
            .env_clear()
            .env("TILLHOUSE_SERVER_LISTEN", listen.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("the host starts");
        Self {
            child,
            since: Instant::now(),
        }
    }

    /// How it ended by itself, if it did.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours")
    }

    /// SIGKILL.
    pub(super) fn kill(mut self) {
        self.kill_now();
    }

    fn kill_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// A signal by its name.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        let sent = sent.is_ok_and(|status| status.success());
        assert!(sent, "a child of ours can be sent SIG{name}");
    }

    /// SIGTERM, and the end in good order.
    pub(super) async fn stop(mut self, patience: Duration) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(Instant::now() < deadline, "the host does not stop in {patience:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill_now();
    }
}
