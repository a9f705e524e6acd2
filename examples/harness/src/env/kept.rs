//! What came of the calls of a test: what they used, logged, sent and kept.

use std::sync::Arc;

use tillhouse::checkout::unit::Namespace;
use tillhouse::plugin::Binding;
use tillhouse::plugin::record::{LogLine, SentRequest};
use tillhouse::plugin::trial::Trial;

use super::Env;
use crate::usage::Usage;

impl Env {
    /// What the last call used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.state().last.clone().of(&self.inner.plugin.folder)
    }

    /// What all calls of this test used: instructions and requests added up, and the largest memory.
    #[must_use]
    pub fn total_usage(&self) -> Usage {
        self.state().total.clone().of(&self.inner.plugin.folder)
    }

    /// The lines that the plugin logged, oldest first, as the host's log has them.
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        self.state().lines.clone()
    }

    /// The requests that the plugin sent, oldest first, as the host knows them.
    #[must_use]
    pub fn requests(&self) -> Vec<SentRequest> {
        self.state().requests.clone()
    }

    /// What the plugin keeps in `kv`, by key.
    #[must_use]
    pub fn kv(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.trial.data().values(&self.namespace())
    }

    /// Where a counter of the plugin stands; 0 where it was never moved.
    #[must_use]
    pub fn counter(&self, key: &str) -> i64 {
        let counters = self.counters();
        counters
            .iter()
            .find(|(name, _)| name == key)
            .map_or(0, |(_, value)| *value)
    }

    /// Set a counter of the plugin.
    pub fn set_counter(&self, key: &str, value: i64) -> &Self {
        self.inner.trial.data().set_counter(self.namespace(), key, value);
        self
    }

    pub(crate) fn counters(&self) -> Vec<(String, i64)> {
        self.inner.trial.data().counters(&self.namespace())
    }

    fn namespace(&self) -> Namespace {
        let plugin = &self.inner.plugin;
        let component = Arc::clone(&self.inner.component);
        Trial::namespace(&Binding::new(plugin.manifest.id.clone(), "0", component))
    }
}
