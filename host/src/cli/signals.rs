//! Ctrl-C, and what a supervisor sends.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// The signals that ask for an end.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

/// How it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    ToTerminate,
    ToInterrupt,
}

impl Signals {
    /// Take them from now on: they no longer end the process by themselves.
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Wait for the next one.
    pub(super) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::ToTerminate,
            _ = self.interrupt.recv() => Asked::ToInterrupt,
        }
    }
}
