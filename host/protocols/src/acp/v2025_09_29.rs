//! The wire format of ACP 2025-09-29.

pub(crate) mod order_event;
pub(crate) mod requests;
mod session;

#[cfg(test)]
mod tests;

use super::delegate_payment;
use super::release_definition::ReleaseDefinition;
use crate::error_response::{ErrorType, RequestFields};
use crate::idempotency::KeyRules;
use axum::http::StatusCode;

/// Rules for idempotency keys of the releases up to 2026-01-30.
pub(crate) const KEY_RULES: KeyRules = KeyRules {
    required: false,
    conflict: StatusCode::CONFLICT,
    conflict_kind: ErrorType::RequestNotIdempotent,
};

/// ACP 2025-09-29, the first release.
pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2025-09-29",
    key_rules: KEY_RULES,
    // The release has no discount codes.
    fields: RequestFields {
        items: "$.items",
        item_id: "id",
        codes: "$",
        choice: "$.fulfillment_option_id",
        choice_members: None,
        address: "$.fulfillment_address",
        groups: None,
        payment: "$.payment_data",
        token: "$.payment_data.token",
        provider: "$.payment_data.provider",
        authentication: "$.payment_data",
        consents: None,
    },
    read_create: requests::create,
    read_update: requests::update,
    read_complete: requests::complete,
    // The release does not define a body of cancel.
    read_cancel: |_| Ok(None),
    render: session::render,
    carts: None,
    delegation: delegate_payment::DELEGATION_V2025_09_29,
    order_event: order_event::render,
};
