//! The plugin contract in Rust: generated bindings, and the only code that converts between them and the domain.
//!
//! Invariant: types generated from WIT are named here, in `exports` and in `imports` only.

pub(crate) mod bindings;
mod check;
pub(crate) mod from_wit;
pub(crate) mod to_wit;
