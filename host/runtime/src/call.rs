//! Calls: phases, their instances, and the questions that are asked in them.

pub(crate) mod ask;
pub(crate) mod instance;
pub mod observer;
pub(crate) mod phase;
pub(crate) mod questions;
pub(crate) mod shared;
mod verdict;
