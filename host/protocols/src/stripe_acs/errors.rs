//! Errors of the Stripe hooks. The guide says "return an error" without defining a format; the flat error object of ACP is used.

use crate::problem::{Fields, Problem, of_checkout};
use tillhouse_checkout::cart::Wish;
use tillhouse_checkout::error::CheckoutError;

const FIELDS: Fields = Fields {
    items: "$.line_items",
    item_id: "sku_id",
    codes: "$.discounts.codes",
    choice: "$.fulfillment_option_id",
    address: "$.fulfillment_details.address",
    payment: "$.payment_data",
    token: "$.payment_data.token",
    provider: "$.payment_data.provider",
    authentication: "$.payment_data",
};

/// The error response for a domain error; `items` are the items of the request.
pub(crate) fn problem(error: &CheckoutError, items: &[Wish]) -> Problem {
    of_checkout(error, &FIELDS, items)
}
