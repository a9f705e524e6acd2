//! Host import `tillhouse:host/clock`: the time at which the phase began, in milliseconds since the Unix epoch.

use crate::api::bindings::tillhouse::host::clock::Host;
use crate::guest::state::GuestState;

impl Host for GuestState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.host.now.millis())
    }
}
