//! Calls into plugins: phases, their instances, and one method per function of the contract.

pub(crate) mod ask;
pub(crate) mod instance;
pub mod observer;
pub(crate) mod phase;
pub(crate) mod questions;
pub(crate) mod shared;
mod verdict;
