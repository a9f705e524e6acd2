//! The wire format of ACP 2026-04-17.

pub(crate) mod from_wire;
pub(crate) mod to_wire;
mod wire;

#[cfg(test)]
mod tests;

use crate::error_response::{ChoiceMembers, RequestFields};

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
    }),
    address: "$.fulfillment_details.address",
    payment: "$.payment_data",
    token: "$.payment_data.instrument.credential.token",
    provider: "$.payment_data.handler_id",
    authentication: "$.authentication_result",
    consents: Some("$.marketing_consents"),
};
