//! The answer to a card that is not kept.

use axum::http::StatusCode;

use crate::error_response::{ErrorResponse, ErrorType};
use tillhouse_checkout::mask;
use tillhouse_checkout::vault::DelegationError;

/// The answer to what the vault refuses.
pub(crate) fn of_vault(error: &DelegationError) -> ErrorResponse {
    match error {
        DelegationError::Card(invalid) => semantic(&format!("$.payment_method.{}", invalid.field), invalid.message),
        DelegationError::Allowance { field, message } => semantic(&format!("$.allowance.{field}"), message),
        DelegationError::TooMany { retry_after } => {
            let message = "too many cards were delegated; wait for the time in Retry-After";
            ErrorResponse::request(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
                .with_type(ErrorType::RateLimitExceeded)
                .with_retry_after(*retry_after)
        }
        DelegationError::KeyUsed | DelegationError::Unavailable(_) => ErrorResponse::unavailable(None),
    }
}

/// A member that is well-formed, and cannot be used. Never recorded: the agent sends the corrected request under the same key.
pub(crate) fn semantic(path: &str, message: &str) -> ErrorResponse {
    let message = format!("{path}: {message}");
    let error = ErrorResponse::request(StatusCode::UNPROCESSABLE_ENTITY, "invalid_card", message);
    error.with_param(path).not_recorded()
}

/// The same error without any card number: the name of a member may be one.
pub(super) fn masked(error: ErrorResponse) -> ErrorResponse {
    ErrorResponse {
        message: mask(&error.message),
        param: error.param.as_deref().map(mask),
        ..error
    }
}
