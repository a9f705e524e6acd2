//! Objects of ACP, each with its shapes: a shape is named after the release that brought it, and used by every later release that did
//! not change it.
//!
//! A shape of a request is a file `request_vYYYY_MM_DD.rs` with what it means to the domain; one of a response is a file
//! `response_vYYYY_MM_DD.rs` with how the domain is shown in it.

pub(crate) mod address;
pub(crate) mod adjustment;
pub(crate) mod affiliate_attribution;
pub(crate) mod authentication_metadata;
pub(crate) mod authentication_provider;
pub(crate) mod authentication_result;
pub(crate) mod buyer;
pub(crate) mod capabilities;
pub(crate) mod cart;
pub(crate) mod delegated_payment;
pub(crate) mod discounts;
pub(crate) mod estimated_delivery;
pub(crate) mod fulfillment;
pub(crate) mod fulfillment_details;
pub(crate) mod fulfillment_group;
pub(crate) mod fulfillment_option;
pub(crate) mod intent_trace;
pub(crate) mod item;
pub(crate) mod line_item;
pub(crate) mod line_item_reference;
pub(crate) mod link;
pub(crate) mod marketing_consent;
pub(crate) mod message;
pub(crate) mod order;
pub(crate) mod order_confirmation;
pub(crate) mod order_line_item;
pub(crate) mod payment_data;
pub(crate) mod payment_handler;
pub(crate) mod payment_provider;
pub(crate) mod risk_signals;
pub(crate) mod selected_fulfillment_option;
pub(crate) mod support_info;
pub(crate) mod total;
