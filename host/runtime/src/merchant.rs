//! Plugins of one merchant: bindings, routing by capability, and concurrency limits.

pub mod binding;
pub mod routes;
pub(crate) mod turns;
