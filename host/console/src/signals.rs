//! Signals that stop a command: Ctrl-C, and those that a supervisor sends.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::CommandError;

/// The handlers of SIGTERM, SIGINT and, if asked for, SIGHUP.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
}

/// Which signal asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    Terminate,
    Interrupt,
}

impl Signals {
    /// Handle SIGTERM and SIGINT from now on: they no longer end the process by themselves.
    pub fn new() -> Result<Self, CommandError> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: None,
        })
    }

    /// Also handle SIGHUP, which a closed terminal sends. Not for commands that may run on under `nohup`.
    pub fn of_a_terminal() -> Result<Self, CommandError> {
        Ok(Self {
            hangup: Some(signal(SignalKind::hangup())?),
            ..Self::new()?
        })
    }

    /// Wait for the next signal. SIGHUP counts as [`StopSignal::Terminate`].
    pub async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.terminate.recv() => StopSignal::Terminate,
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            () = received(self.hangup.as_mut()) => StopSignal::Terminate,
        }
    }
}

async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            let _ = signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
