//! Errors of the hooks. Stripe tells the agent 424 for each, and defines no body: the flat error object of ACP is used.

use axum::http::StatusCode;

use crate::error_response::{ErrorResponse, RequestFields, RequestedLines, from_checkout_error};
use tillhouse_checkout::error::CheckoutError;

const FIELDS: RequestFields = RequestFields {
    items: "$.data.line_item_details",
    item_id: "sku_id",
    codes: "$.data.discounts",
    choice: "$.data.shipping_details.shipping_rate",
    choice_members: None,
    address: "$.data.shipping_details.address",
    groups: None,
    payment: "$.data.payment_method_details",
    token: "$.data.payment_method_details",
    provider: "$.data.payment_method_details",
    authentication: "$.data.payment_method_details",
    consents: None,
};

/// The error response for a domain error of a hook.
pub(super) fn of_domain(error: &CheckoutError, requested: &RequestedLines) -> ErrorResponse {
    from_checkout_error(error, &FIELDS, requested)
}

/// A hook that is refused before it is asked about. Not recorded.
pub(super) fn refused(code: &str, message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::request(StatusCode::BAD_REQUEST, code, message).not_recorded()
}

/// The id of a hook came with another body.
pub(super) fn other_body() -> ErrorResponse {
    let message = "a hook with this id was answered before, and its body was another: the answer is of the first; send a new id \
                   for another question";
    ErrorResponse::request(StatusCode::CONFLICT, "hook_id_reused", message)
        .with_param("$.id")
        .not_recorded()
}
