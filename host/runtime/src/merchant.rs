//! What one merchant has: its bindings, which of them decides what, and its share of the host.

pub mod binding;
pub mod routes;
pub(crate) mod turns;
