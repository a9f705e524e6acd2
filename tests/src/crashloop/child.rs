//! A host in a process of its own.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running `tillhouse serve`. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct HostProcess {
    child: Child,
    /// When it was started.
    pub(super) since: Instant,
}

impl HostProcess {
    /// Start it; what it says is added to the log.
    pub(super) fn start(program: &Path, config: &Path, reference: &Path, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log file");
        let child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(config)
            .arg("--reference")
            .arg(reference)
            // Nobody's variables change what is tested.
            .env_clear()
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

    /// SIGTERM, and the end in good order.
    pub(super) async fn stop(mut self, patience: Duration) -> ExitStatus {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "a child of ours can be asked to stop"
        );
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
