//! Incoming webhooks: events that Stripe and the merchant's processor send.
//!
//! Delivery is at least once and unordered. An event is stored under its id before it is acknowledged, and is processed once.

mod from_wire;
pub(crate) mod processor;
pub(crate) mod stripe;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::response::Response;

use super::problem::Problem;
use super::respond;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::DecisionError;
use tillhouse_checkout::idempotency::Reply;

/// `Retry-After` for an event that cannot be accepted now.
const AGAIN: Duration = Duration::from_secs(5);

/// The acknowledgement, or the error response.
fn answer(outcome: Result<(), Problem>) -> Response {
    match outcome {
        Ok(()) => respond::of_reply(Reply {
            status: 200,
            body: br#"{"received":true}"#.to_vec(),
        }),
        Err(problem) => respond::refuse(&problem),
    }
}

/// The error response for an event that was not accepted. It says only whether the sender should retry.
fn untaken(error: &CheckoutError) -> Problem {
    let decision = match error {
        CheckoutError::Decision(decision) => decision,
        CheckoutError::InFlight | CheckoutError::Store(_) | CheckoutError::Conflict(_) => {
            tracing::warn!(%error, "webhook event not accepted now; asked the sender to retry");
            return Problem::unavailable(Some(AGAIN));
        }
        other => {
            tracing::error!(error = %other, "failed to process a webhook event");
            return Problem::internal();
        }
    };
    match decision {
        DecisionError::Unsupported { .. } => Problem::nothing_here(),
        DecisionError::Unavailable { retry_after, .. } => {
            tracing::warn!(%error, "webhook event not accepted now; asked the sender to retry");
            Problem::unavailable(Some(retry_after.unwrap_or(AGAIN)))
        }
        DecisionError::Rejected(_) | DecisionError::Misconfigured { .. } | DecisionError::Fault { .. } => {
            tracing::error!(%error, "failed to process a webhook event");
            Problem::internal()
        }
    }
}
