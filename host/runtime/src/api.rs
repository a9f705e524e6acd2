//! The plugin contract in Rust: generated bindings, and conversions between their types and the domain.
//!
//! Invariant: types generated from WIT appear only here, in `guest::imports`, in `component::exports` and `component::linker`,
//! which need the generated interfaces, and in the two modules that call exports: `call::export_call` (the failure that every export
//! may return) and `payments::charge` (the credential handle). `tests/tidy.rs` enforces this.

pub(crate) mod bindings;
pub(crate) mod call_name;
pub mod capability;
mod check;
pub(crate) mod contract;
pub(crate) mod from_wit;
pub mod function;
pub(crate) mod interface;
pub(crate) mod to_wit;
