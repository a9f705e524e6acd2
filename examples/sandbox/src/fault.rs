//! Faults that a test injects, and counters of requests.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use crate::gate::{Gate, Hold};
use crate::sync::lock;

/// A fault that affects one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this HTTP status; the request has no effect.
    ///
    /// The Stripe simulator stores a 5xx under the request's idempotency key and replays it, as Stripe v1 does, except
    /// a 503. The acquirer does not store it, so the same key can be used again.
    Status(u16),
    /// Never answers; the request has no effect. The connection stays open until the client or the server closes it.
    Hang,
    /// Closes the connection; the request has no effect.
    DropConnection,
    /// Executes the request and stores the answer under its key, then closes the connection without sending it.
    LoseAnswer,
}

/// An operation of a simulator, as its counters and faults name it.
pub(crate) trait Operation: Copy + Eq + Hash + Send + Sync + 'static {
    /// Method and path template, e.g. `POST /v1/charges`.
    fn route(self) -> &'static str;
}

/// Injected faults, gates and counters of one server.
#[derive(Debug)]
pub(crate) struct FaultControl<O> {
    state: Mutex<State<O>>,
}

#[derive(Debug)]
struct State<O> {
    faults: HashMap<O, VecDeque<Fault>>,
    gates: HashMap<O, Arc<Gate>>,
    received: HashMap<O, u64>,
}

impl<O: Operation> FaultControl<O> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                faults: HashMap::new(),
                gates: HashMap::new(),
                received: HashMap::new(),
            }),
        }
    }

    /// Counts a request and takes the fault that is planned for it, if any.
    pub(crate) fn admit(&self, operation: O) -> Option<Fault> {
        let mut state = lock(&self.state);
        *state.received.entry(operation).or_default() += 1;
        state.faults.get_mut(&operation).and_then(VecDeque::pop_front)
    }

    pub(crate) fn fail_next(&self, operation: O, fault: Fault) {
        lock(&self.state).faults.entry(operation).or_default().push_back(fault);
    }

    pub(crate) fn received(&self, operation: O) -> u64 {
        lock(&self.state).received.get(&operation).copied().unwrap_or_default()
    }

    pub(crate) fn requests(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.state)
            .received
            .iter()
            .map(|(operation, count)| (operation.route(), *count))
            .collect()
    }

    pub(crate) fn gate(&self, operation: O) -> Arc<Gate> {
        Arc::clone(lock(&self.state).gates.entry(operation).or_default())
    }

    pub(crate) fn hold(&self, operation: O) -> Hold {
        Hold::new(self.gate(operation))
    }
}
