//! The wire format of ACP 2025-09-29.

pub(crate) mod from_wire;
pub(crate) mod to_wire;
mod wire;

#[cfg(test)]
mod tests;

use crate::error_response::RequestFields;

/// `JSONPath`s of the request fields. This release has no discount codes.
pub(crate) const FIELDS: RequestFields = RequestFields {
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
};
