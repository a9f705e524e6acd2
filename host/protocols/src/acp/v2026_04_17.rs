//! The wire format of ACP 2026-04-17.

pub(crate) mod from_wire;
pub(crate) mod to_wire;
mod wire;

#[cfg(test)]
mod tests;

use super::release_definition::{ReleaseDefinition, body};
use crate::error_response::{ChoiceMembers, ErrorType, RequestFields};
use crate::idempotency::KeyRules;
use axum::http::StatusCode;

/// ACP 2026-04-17.
pub(crate) static RELEASE: ReleaseDefinition = ReleaseDefinition {
    date: "2026-04-17",
    key_rules: KeyRules {
        required: true,
        conflict: StatusCode::UNPROCESSABLE_ENTITY,
        conflict_kind: ErrorType::InvalidRequest,
    },
    fields: RequestFields {
        items: "$.line_items",
        item_id: "id",
        codes: "$.discounts.codes",
        choice: "$.selected_fulfillment_options",
        choice_members: Some(ChoiceMembers {
            option: "option_id",
            kind: "type",
            items: "item_ids",
        }),
        address: "$.fulfillment_details.address",
        payment: "$.payment_data",
        token: "$.payment_data.instrument.credential.token",
        provider: "$.payment_data.handler_id",
        authentication: "$.authentication_result",
        consents: Some("$.marketing_consents"),
    },
    read_create: from_wire::create,
    read_update: from_wire::update,
    read_complete: from_wire::complete,
    read_cancel: |body| body.map_or(Ok(()), from_wire::cancel),
    render: |session, context| {
        body(&to_wire::session(
            session,
            context.merchant,
            context.settings,
            context.request_kind,
        ))
    },
    order_event: |snapshot| body(&to_wire::order::event(snapshot)),
};
