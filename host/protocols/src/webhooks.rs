//! Incoming webhooks: events that Stripe and the merchant's processor send, and what the merchant's own system says of orders.
//!
//! Delivery is at least once and unordered. An event is stored under its id before it is acknowledged, and is processed once.

mod from_wire;
pub(crate) mod plugin;
pub(crate) mod stripe;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::response::Response;

use super::error_response::ErrorResponse;
use super::respond;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ports::DecisionError;

/// `Retry-After` for an event that cannot be accepted now.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The acknowledgement, or the error response.
fn acknowledge(outcome: Result<(), ErrorResponse>) -> Response {
    match outcome {
        Ok(()) => respond::from_reply(Reply {
            status: 200,
            body: br#"{"received":true}"#.to_vec(),
        }),
        Err(error_response) => respond::from_error(&error_response),
    }
}

/// The error response for an event that was not accepted. It says only whether the sender should retry.
fn not_accepted(error: &CheckoutError) -> ErrorResponse {
    let decision = match error {
        CheckoutError::Decision(decision) => decision,
        CheckoutError::InFlight | CheckoutError::Store(_) | CheckoutError::Conflict(_) => {
            tracing::warn!(%error, "webhook event not accepted now; asked the sender to retry");
            return ErrorResponse::unavailable(Some(RETRY_AFTER));
        }
        other => {
            tracing::error!(error = %other, "failed to process a webhook event");
            return ErrorResponse::internal();
        }
    };
    match decision {
        DecisionError::Unsupported { .. } => ErrorResponse::route_not_found(),
        DecisionError::Unavailable { retry_after, .. } => {
            tracing::warn!(%error, "webhook event not accepted now; asked the sender to retry");
            ErrorResponse::unavailable(Some(retry_after.unwrap_or(RETRY_AFTER)))
        }
        DecisionError::Rejected(_) | DecisionError::Misconfigured { .. } | DecisionError::Fault { .. } => {
            tracing::error!(%error, "failed to process a webhook event");
            ErrorResponse::internal()
        }
    }
}
