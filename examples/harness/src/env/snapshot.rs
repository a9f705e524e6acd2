//! A snapshot of a test, to restore later.

use std::collections::BTreeMap;

use tillhouse_plugin_protocol::data::DataSnapshot;

use super::Env;
use super::settings::Settings;

/// Plugin data, settings, scripts, and the number of recorded lines and requests.
#[derive(Debug)]
pub(crate) struct Snapshot {
    kept: DataSnapshot,
    settings: Settings,
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
        let (scripts, kept) = (scripts.collect(), self.data());
        let state = self.state();
        Snapshot {
            kept,
            settings: state.settings.clone(),
            scripts,
            lines: state.lines.len(),
            requests: state.requests.len(),
        }
    }

    /// Restores the snapshot, except usage and what the plugin saw.
    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.put_data(snapshot.kept.clone());
        for (name, server) in &self.inner.servers {
            let mut script = server.upstream.script();
            let (expectations, received) = snapshot.scripts.get(name).copied().unwrap_or_default();
            script.expectations.truncate(expectations);
            script.received.truncate(received);
            script.unexpected.clear();
        }
        let mut state = self.state();
        state.settings.clone_from(&snapshot.settings);
        state.lines.truncate(snapshot.lines);
        state.requests.truncate(snapshot.requests);
    }
}
