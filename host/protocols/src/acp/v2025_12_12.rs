//! ACP 2025-12-12: recipients, choices of options per item, authentication, affiliates and traces.

pub(crate) mod requests;
pub(crate) mod session;

use super::delegate_payment;
use super::release_definition::ReleaseDefinition;
use super::v2025_09_29;
use crate::error_response::{ChoiceMembers, RequestFields};

pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2025-12-12",
    key_rules: v2025_09_29::KEY_RULES,
    fields: FIELDS,
    read_create: requests::create,
    read_update: requests::update,
    read_complete: requests::complete,
    read_cancel: requests::cancel,
    render: session::render,
    carts: None,
    delegation: delegate_payment::DELEGATION_V2025_09_29,
    order_event: v2025_09_29::order_event::render,
};

/// `JSONPath`s of the request fields. This release has no discount codes.
pub(crate) const FIELDS: RequestFields = RequestFields {
    items: "$.items",
    item_id: "id",
    codes: "$",
    choice: "$.selected_fulfillment_options",
    choice_members: Some(ChoiceMembers {
        option: "option_id",
        kind: "type",
        items: "item_ids",
        is_inside_its_kind: true,
    }),
    address: "$.fulfillment_details.address",
    groups: None,
    payment: "$.payment_data",
    token: "$.payment_data.token",
    provider: "$.payment_data.provider",
    authentication: "$.authentication_result",
    consents: None,
};
