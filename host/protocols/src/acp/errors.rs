//! Errors of ACP: the flat error object with `type`, `code`, `message` and `param`.

use axum::http::StatusCode;

use super::release::Release;
use crate::problem::{Problem, of_checkout};
use tillhouse_checkout::cart::Wish;
use tillhouse_checkout::error::CheckoutError;

/// The error response for a domain error; `items` are the items of the request.
pub(crate) fn problem(error: &CheckoutError, release: Release, items: &[Wish]) -> Problem {
    of_checkout(error, release.fields(), items)
}

/// The error response for cancel: canceling a completed, canceled or expired session is 405, not 409 (ACP RFC agentic checkout
/// §4.5).
pub(crate) fn cancel_problem(error: &CheckoutError, release: Release) -> Problem {
    let problem = problem(error, release, &[]);
    match error {
        CheckoutError::InvalidState {
            state: "completed" | "canceled" | "expired",
            ..
        } => Problem {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..problem
        },
        _ => problem,
    }
}
