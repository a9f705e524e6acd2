//! The environment of an instance: the data of its store, its limits, and the host imports that it may call.

pub(crate) mod call_abort_error;
pub(crate) mod call_state;
pub(crate) mod charge_guard;
pub(crate) mod cpu_time;
pub(crate) mod footprint;
pub(crate) mod grants;
pub(crate) mod host_context;
pub(crate) mod imports;
pub mod limits;
pub(crate) mod output;
pub(crate) mod phase_catalog;
pub(crate) mod quota;
pub(crate) mod random;
pub mod record;
pub(crate) mod staging;
pub(crate) mod state;
