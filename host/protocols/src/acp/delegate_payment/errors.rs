//! Errors of `delegate_payment`, in the codes of its schema.
//!
//! The schema's list of codes is closed and has none for an unknown key, for a version or for a failure of the host. Those are as in the
//! examples of the release's `OpenAPI` document.

use axum::http::StatusCode;

use super::DelegationRules;
use crate::error_response::{ErrorResponse, ErrorType};
use tillhouse_checkout::vault::DelegationError;

/// The codes that a release has for idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCodes {
    /// Before 2026-04-17: `duplicate_request` while the first request is in progress.
    DuplicateRequest,
    /// Since 2026-04-17: `idempotency_in_flight` and `idempotency_key_required`.
    InFlight,
}

/// The answer to a card that is not kept.
pub(super) fn of_vault(error: &DelegationError) -> ErrorResponse {
    let semantic = |path: String, message: &str| {
        let message = format!("{path}: {message}");
        let error = ErrorResponse::request(StatusCode::UNPROCESSABLE_ENTITY, "invalid_card", message);
        // The agent sends the corrected request under the same key.
        error.with_param(path).not_recorded()
    };
    match error {
        DelegationError::Card(invalid) => semantic(format!("$.payment_method.{}", invalid.field), invalid.message),
        DelegationError::Allowance { field, message } => semantic(format!("$.allowance.{field}"), message),
        DelegationError::TooMany { retry_after } => {
            let message = "too many cards were delegated; wait for the time in Retry-After";
            ErrorResponse::request(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
                .with_type(ErrorType::RateLimitExceeded)
                .with_retry_after(*retry_after)
        }
        DelegationError::KeyUsed | DelegationError::Unavailable(_) => ErrorResponse::unavailable(None),
    }
}

/// The same error with a code of the schema.
pub(super) fn in_codes_of(rules: &DelegationRules, error: ErrorResponse) -> ErrorResponse {
    let code = match (error.code.as_str(), rules.codes) {
        ("missing_required_field" | "invalid" | "unsupported", _) => "invalid_card",
        ("idempotency_in_flight", ErrorCodes::DuplicateRequest) => "duplicate_request",
        ("invalid_idempotency_key", ErrorCodes::InFlight) => "idempotency_key_required",
        ("invalid_idempotency_key", ErrorCodes::DuplicateRequest) => "idempotency_conflict",
        ("processing_error", _) => "internal_server_error",
        _ => return error,
    };
    ErrorResponse {
        code: code.to_owned(),
        ..error
    }
}
