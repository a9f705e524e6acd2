//! The host's side of `tillhouse:host`, one file per interface. A use that the function being called does not allow is
//! answered with that interface's own error; it never traps.

mod catalog;
mod clock;
mod config;
mod counters;
pub(crate) mod credentials;
mod egress;
mod kv;
mod log;
#[cfg(test)]
mod tests;
pub(crate) mod wasi;

use super::state::State;
use crate::api::bindings::tillhouse;

// These interfaces hold types only.
impl tillhouse::host::types::Host for State {}
impl tillhouse::merchant::types::Host for State {}
