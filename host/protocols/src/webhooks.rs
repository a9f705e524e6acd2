//! Webhooks in: what Stripe and the merchant's processor send by themselves.
//!
//! Each is sent at least once and in no order. It is kept under its id before it is acknowledged, and whatever follows from it
//! is done once.

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
use tillhouse_checkout::unit::Reply;

/// When a sender that cannot be served is asked to come again.
const AGAIN: Duration = Duration::from_secs(5);

/// The acknowledgement, or the refusal.
fn answer(outcome: Result<(), Problem>) -> Response {
    match outcome {
        Ok(()) => respond::of_reply(Reply {
            status: 200,
            body: br#"{"received":true}"#.to_vec(),
        }),
        Err(problem) => respond::refuse(&problem),
    }
}

/// Why something was not taken. The sender learns whether to send it again, and no more.
fn untaken(error: &CheckoutError) -> Problem {
    let decision = match error {
        CheckoutError::Decision(decision) => decision,
        CheckoutError::InFlight | CheckoutError::Store(_) | CheckoutError::Conflict(_) => {
            tracing::warn!(%error, "could not be taken now");
            return Problem::unavailable(Some(AGAIN));
        }
        other => {
            tracing::error!(error = %other, "could not be taken");
            return Problem::internal();
        }
    };
    match decision {
        DecisionError::Unsupported { .. } => Problem::nothing_here(),
        DecisionError::Unavailable { retry_after, .. } => {
            tracing::warn!(%error, "could not be taken now");
            Problem::unavailable(Some(retry_after.unwrap_or(AGAIN)))
        }
        DecisionError::Rejected(_) | DecisionError::Misconfigured { .. } | DecisionError::Fault { .. } => {
            tracing::error!(%error, "could not be taken");
            Problem::internal()
        }
    }
}
