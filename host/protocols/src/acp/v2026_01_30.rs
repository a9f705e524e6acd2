//! ACP 2026-01-30: capabilities, payment handlers, discounts, groups and business buyers.

pub(crate) mod requests;
pub(crate) mod session;

use super::delegate_payment;
use super::release_definition::ReleaseDefinition;
use super::{v2025_09_29, v2025_12_12};
use crate::error_response::{ChoiceMembers, RequestFields};

pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2026-01-30",
    key_rules: v2025_09_29::KEY_RULES,
    fields: FIELDS,
    read_create: requests::create,
    read_update: requests::update,
    read_complete: requests::complete,
    read_cancel: v2025_12_12::requests::cancel,
    render: session::render,
    carts: None,
    delegation: delegate_payment::DELEGATION_V2025_09_29,
    order_event: v2025_09_29::order_event::render,
};

/// `JSONPath`s of the request fields.
pub(crate) const FIELDS: RequestFields = RequestFields {
    items: "$.line_items",
    item_id: "id",
    codes: "$.discounts.codes",
    choice: "$.selected_fulfillment_options",
    choice_members: Some(ChoiceMembers {
        option: "option_id",
        kind: "type",
        items: "item_ids",
        is_inside_its_kind: false,
    }),
    address: "$.fulfillment_details.address",
    groups: Some("$.fulfillment_groups"),
    payment: "$.payment_data",
    token: "$.payment_data.instrument.credential.token",
    provider: "$.payment_data.handler_id",
    authentication: "$.authentication_result",
    consents: None,
};
