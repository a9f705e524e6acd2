//! Plugins of one merchant: bindings, routing by capability, and concurrency limits.

pub mod binding;
pub(crate) mod permits;
pub mod routes;
