//! Errors of the Stripe hooks. The guide says "return an error" without defining a format; the flat error object of ACP is used.

use crate::error_response::{ErrorResponse, RequestFields, RequestedLines, from_checkout_error};
use tillhouse_checkout::error::CheckoutError;

const FIELDS: RequestFields = RequestFields {
    items: "$.line_items",
    item_id: "sku_id",
    codes: "$.discounts.codes",
    choice: "$.fulfillment_option_id",
    choice_members: None,
    address: "$.fulfillment_details.address",
    groups: None,
    payment: "$.payment_data",
    token: "$.payment_data.token",
    provider: "$.payment_data.provider",
    authentication: "$.payment_data",
    consents: None,
};

/// The error response for a domain error of a request.
pub(crate) fn error_response(error: &CheckoutError, requested: &RequestedLines) -> ErrorResponse {
    from_checkout_error(error, &FIELDS, requested)
}
