//! Signals that stop a command: Ctrl-C, and those that a supervisor sends.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Failure;

/// The handlers of SIGTERM, SIGINT and, if asked for, SIGHUP.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
}

/// Which signal asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    ToTerminate,
    ToInterrupt,
}

impl Signals {
    /// Handle SIGTERM and SIGINT from now on: they no longer end the process by themselves.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: None,
        })
    }

    /// Also handle SIGHUP, which a closed terminal sends. Not for commands that may run on under `nohup`.
    pub fn of_a_terminal() -> Result<Self, Failure> {
        Ok(Self {
            hangup: Some(signal(SignalKind::hangup())?),
            ..Self::new()?
        })
    }

    /// Wait for the next signal. SIGHUP counts as [`Asked::ToTerminate`].
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::ToTerminate,
            _ = self.interrupt.recv() => Asked::ToInterrupt,
            () = came(self.hangup.as_mut()) => Asked::ToTerminate,
        }
    }
}

async fn came(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            let _ = signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
