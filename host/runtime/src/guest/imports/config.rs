//! Host import `tillhouse:host/config`: the plugin's configuration, with dotted keys.

use crate::api::bindings::tillhouse::host::config::Host;
use crate::guest::state::GuestState;

impl Host for GuestState {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        Ok(self.config().get(&key).cloned())
    }

    fn entries(&mut self, prefix: String) -> wasmtime::Result<Vec<(String, String)>> {
        Ok(self
            .config()
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }
}
