//! Errors of `delegate_payment`, in the codes of its schema.
//!
//! The schema's list of codes is closed and has none for an unknown key, for a version or for a failure of the host. Those are as in the
//! examples of the release's `OpenAPI` document.

use super::DelegationRules;
use crate::error_response::ErrorResponse;

/// The codes that a release has for idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCodes {
    /// Before 2026-04-17: `duplicate_request` while the first request is in progress.
    DuplicateRequest,
    /// Since 2026-04-17: `idempotency_in_flight` and `idempotency_key_required`.
    InFlight,
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
