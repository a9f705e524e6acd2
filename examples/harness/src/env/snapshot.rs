//! What a test has so far, to go back to.

use std::collections::BTreeMap;

use tillhouse::checkout::unit::{Staged, StagedWrite};

use super::Env;
use super::circumstances::Circumstances;

/// Plugin data, circumstances, scripts, and how much was taken down.
#[derive(Debug)]
pub(crate) struct Snapshot {
    kv: Vec<(String, Vec<u8>)>,
    counters: Vec<(String, i64)>,
    circumstances: Circumstances,
    scripts: BTreeMap<String, (usize, usize)>,
    lines: usize,
    requests: usize,
}

impl Env {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let scripts = self.inner.servers.iter().map(|(name, server)| {
            let script = server.upstream.script();
            (name.clone(), (script.expectations.len(), script.received.len()))
        });
        let (scripts, state) = (scripts.collect(), self.state());
        Snapshot {
            kv: self.kv(),
            counters: self.counters(),
            circumstances: state.circumstances.clone(),
            scripts,
            lines: state.lines.len(),
            requests: state.requests.len(),
        }
    }

    /// Go back. What was used and seen since is not forgotten.
    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.restore_data(snapshot);
        for (name, server) in &self.inner.servers {
            let mut script = server.upstream.script();
            let (expectations, received) = snapshot.scripts.get(name).copied().unwrap_or_default();
            script.expectations.truncate(expectations);
            script.received.truncate(received);
            script.strays.clear();
        }
        let mut state = self.state();
        state.circumstances.clone_from(&snapshot.circumstances);
        state.lines.truncate(snapshot.lines);
        state.requests.truncate(snapshot.requests);
    }

    fn restore_data(&self, snapshot: &Snapshot) {
        let namespace = self.namespace();
        let put = |key: String, value: Option<Vec<u8>>| StagedWrite::Put {
            namespace: namespace.clone(),
            key,
            value,
        };
        let gone = self.kv().into_iter().map(|(key, _)| put(key, None));
        let back = snapshot
            .kv
            .iter()
            .map(|(key, value)| put(key.clone(), Some(value.clone())));
        let staged = Staged {
            reads: Vec::new(),
            writes: gone.chain(back).collect(),
        };
        let data = self.inner.trial.data();
        data.commit(&staged).expect("writes that expect nothing");
        // One that was never moved is at 0.
        let moved = self.counters().into_iter().map(|(key, _)| (key, 0));
        for (key, value) in moved.chain(snapshot.counters.iter().cloned()) {
            data.set_counter(namespace.clone(), &key, value);
        }
    }
}
