//! Errors of ACP: the flat error object (protocol reference §5.2).

use axum::http::StatusCode;

use super::release::Release;
use crate::problem::{Problem, of_checkout};
use tillhouse_checkout::cart::Wish;
use tillhouse_checkout::error::CheckoutError;

/// The answer for a domain error; the items are those of the request.
pub(crate) fn problem(error: &CheckoutError, release: Release, items: &[Wish]) -> Problem {
    of_checkout(error, release.fields(), items)
}

/// The same for cancel: a checkout that is over is not allowed to be canceled, which is 405 and not 409 (RFC agentic
/// checkout §4.5).
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
