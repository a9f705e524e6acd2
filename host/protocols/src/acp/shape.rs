//! Objects of ACP, each with its shapes: a shape is named after the release that brought it, and used by every later release that did
//! not change it.
//!
//! A shape of a request is a file `request_vYYYY_MM_DD.rs` with what it means to the domain; one of a response is a file
//! `response_vYYYY_MM_DD.rs` with how the domain is shown in it.

pub(crate) mod address;
pub(crate) mod affiliate_attribution;
pub(crate) mod authentication_result;
pub(crate) mod buyer;
pub(crate) mod capabilities;
pub(crate) mod cart;
pub(crate) mod discounts;
pub(crate) mod fulfillment_details;
pub(crate) mod fulfillment_group;
pub(crate) mod intent_trace;
pub(crate) mod item;
pub(crate) mod marketing_consent;
pub(crate) mod payment_data;
pub(crate) mod risk_signals;
pub(crate) mod selected_fulfillment_option;
