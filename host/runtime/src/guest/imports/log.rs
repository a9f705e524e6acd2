//! Host import `tillhouse:host/log`: log lines of the plugin, within the limits of the call.

use crate::api::bindings::tillhouse::host::log::{Host, Level as WitLevel};
use crate::guest::output::Level;
use crate::guest::state::GuestState;

impl Host for GuestState {
    fn write(&mut self, level: WitLevel, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            WitLevel::Debug => Level::Debug,
            WitLevel::Info => Level::Info,
            WitLevel::Warn => Level::Warn,
            WitLevel::Error => Level::Error,
        };
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.call.output.line(level, &message, fields);
        Ok(())
    }
}
