//! Implementation of the host imports `tillhouse:host`, one file per interface.
//!
//! An import that the function being called may not use returns the error type of its interface; it never traps.

mod catalog;
mod clock;
mod config;
mod counters;
pub(crate) mod credentials;
mod egress;
mod kv;
mod log;
#[cfg(test)]
mod tests;
pub(crate) mod wasi;

use super::state::GuestState;
use crate::api::bindings::tillhouse;

// These interfaces hold types only.
impl tillhouse::host::types::Host for GuestState {}
impl tillhouse::merchant::types::Host for GuestState {}
impl tillhouse::merchant::purchase::Host for GuestState {}
impl tillhouse::merchant::pricing_types::Host for GuestState {}
impl tillhouse::merchant::inventory_types::Host for GuestState {}
impl tillhouse::merchant::fulfillment_types::Host for GuestState {}
impl tillhouse::merchant::tax_types::Host for GuestState {}
impl tillhouse::merchant::presentation_types::Host for GuestState {}
impl tillhouse::merchant::orders_types::Host for GuestState {}
impl tillhouse::merchant::payments_types::Host for GuestState {}
