//! Errors of ACP: the flat error object with `type`, `code`, `message` and `param`.

use axum::http::StatusCode;

use super::release::Release;
use crate::error_response::{ErrorResponse, RequestedLines, from_checkout_error};
use tillhouse_checkout::error::CheckoutError;

/// The error response for a domain error of a request.
pub(crate) fn error_response(error: &CheckoutError, release: Release, requested: &RequestedLines) -> ErrorResponse {
    from_checkout_error(error, release.fields(), requested)
}

/// The error response for cancel: canceling a completed, canceled or expired session is 405, not 409 (ACP RFC agentic checkout
/// §4.5).
pub(crate) fn cancel_error_response(error: &CheckoutError, release: Release) -> ErrorResponse {
    let error_response = error_response(error, release, &RequestedLines::default());
    match error {
        CheckoutError::InvalidState {
            state: "completed" | "canceled" | "expired",
            ..
        } => ErrorResponse {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..error_response
        },
        _ => error_response,
    }
}
