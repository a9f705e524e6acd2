//! The imports: the real host in a component, the test host in a native build.

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::tillhouse::host::{catalog, clock, config, counters, egress, kv, log};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::testing::imports::{catalog, clock, config, counters, egress, kv, log};
