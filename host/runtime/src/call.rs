//! Calls into plugins: phases, their instances, and one method per function of the contract.

mod classify;
mod describing;
pub(crate) mod export_call;
pub(crate) mod instance;
pub mod observer;
pub(crate) mod phase;
pub(crate) mod phase_port;
pub(crate) mod shared;
