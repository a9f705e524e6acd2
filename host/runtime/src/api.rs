//! The plugin contract in Rust: generated bindings, and what converts between the questions and answers of exports and the
//! domain.
//!
//! Invariant: types generated from WIT are named here, in `imports`, in `exports` and `linker`, which are given the generated
//! interfaces, and by the two that call exports: `phase` (the failure that every export may answer with) and `processor` (the
//! handle of a credential). `tests/tidy.rs` holds the list.

pub(crate) mod bindings;
pub(crate) mod call_name;
pub mod capability;
mod check;
pub(crate) mod contract;
pub(crate) mod from_wit;
pub mod function;
pub(crate) mod to_wit;
