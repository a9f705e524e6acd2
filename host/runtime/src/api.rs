//! The plugin contract in Rust: generated bindings, and what converts between the questions and answers of exports and the
//! domain.
//!
//! Invariant: types generated from WIT are named here, in `guest::imports`, in `component::exports` and `component::linker`,
//! which are given the generated interfaces, and by the two that call exports: `call::ask` (the failure that every export may
//! answer with) and `payments::charge` (the handle of a credential). `tests/tidy.rs` holds the list.

pub(crate) mod bindings;
pub(crate) mod call_name;
pub mod capability;
mod check;
pub(crate) mod contract;
pub(crate) mod from_wit;
pub mod function;
pub(crate) mod to_wit;
