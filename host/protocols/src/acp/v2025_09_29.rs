//! The wire format of ACP 2025-09-29.

pub(crate) mod from_wire;
pub(crate) mod to_wire;
mod wire;

#[cfg(test)]
mod tests;

use super::release_definition::{ReleaseDefinition, body};
use crate::error_response::{ErrorType, RequestFields};
use crate::idempotency::KeyRules;
use axum::http::StatusCode;

/// ACP 2025-09-29, the first release.
pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2025-09-29",
    key_rules: KeyRules {
        required: false,
        conflict: StatusCode::CONFLICT,
        conflict_kind: ErrorType::RequestNotIdempotent,
    },
    // The release has no discount codes.
    fields: RequestFields {
        items: "$.items",
        item_id: "id",
        codes: "$",
        choice: "$.fulfillment_option_id",
        choice_members: None,
        address: "$.fulfillment_address",
        payment: "$.payment_data",
        token: "$.payment_data.token",
        provider: "$.payment_data.provider",
        authentication: "$.payment_data",
        consents: None,
    },
    read_create: from_wire::create,
    read_update: from_wire::update,
    read_complete: from_wire::complete,
    // The release does not define a body of cancel.
    read_cancel: |_| Ok(()),
    render: |session, context| body(&to_wire::session(session, context.merchant, context.request_kind)),
    order_event: |snapshot| body(&to_wire::order::event(snapshot)),
};
