//! A gate at which requests wait until a test lets them through.

use std::sync::Arc;

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default)]
struct State {
    holds: usize,
    waiting: usize,
}

/// Where requests of one operation wait while a test holds it.
#[derive(Debug)]
pub(crate) struct Gate {
    state: watch::Sender<State>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::default()),
        }
    }
}

impl Gate {
    /// Passes immediately if the gate is not held.
    pub(crate) async fn pass(&self) {
        if self.state.borrow().holds == 0 {
            return;
        }
        let _waiting = Waiting::enter(&self.state);
        let mut open = self.state.subscribe();
        // The sender lives in `self`, so waiting cannot fail while we borrow it.
        let _ = open.wait_for(|state| state.holds == 0).await;
    }
}

/// Counts a waiting request until it proceeds or its task is dropped.
struct Waiting<'a>(&'a watch::Sender<State>);

impl<'a> Waiting<'a> {
    fn enter(state: &'a watch::Sender<State>) -> Self {
        state.send_modify(|state| state.waiting += 1);
        Self(state)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|state| state.waiting -= 1);
    }
}

/// A held gate; requests proceed when it is released or dropped.
#[derive(Debug)]
#[must_use = "dropping the hold opens the gate"]
pub struct Hold {
    gate: Arc<Gate>,
}

impl Hold {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        gate.state.send_modify(|state| state.holds += 1);
        Self { gate }
    }

    /// Waits until at least `count` requests wait at the gate.
    pub async fn arrived(&self, count: usize) {
        let mut state = self.gate.state.subscribe();
        let _ = state.wait_for(|state| state.waiting >= count).await;
    }

    /// Lets the waiting requests proceed.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.state.send_modify(|state| state.holds -= 1);
    }
}
