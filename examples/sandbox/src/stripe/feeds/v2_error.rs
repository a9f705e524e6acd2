//! Errors of Stripe's v2 API: `{"error":{"code","message"}}` (<https://docs.stripe.com/api-v2-overview>).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer::{JsonAnswer, Outcome};
use crate::idempotency::MAX_KEY_LENGTH;
use crate::pipeline::Dialect;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct V2Error {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl V2Error {
    pub(super) fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, code, message }
    }

    /// 400: the request itself is wrong.
    pub(super) fn invalid(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_parameter", message)
    }

    pub(super) fn into_answer(self) -> JsonAnswer {
        let Self { status, code, message } = self;
        JsonAnswer::new(status, json!({"error": {"code": code, "message": message}}))
    }
}

impl IntoResponse for V2Error {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// The v2 API's format for the answers of the pipeline. A failure is not stored: the same key executes the request again
/// (<https://docs.stripe.com/api-v2-overview#idempotency>).
#[derive(Debug)]
pub(super) struct V2Dialect;

impl Dialect for V2Dialect {
    fn key_conflict(key: &str) -> JsonAnswer {
        let message = format!("The key '{key}' was used with other parameters.");
        V2Error::new(StatusCode::BAD_REQUEST, "idempotency_error", message).into_answer()
    }

    fn key_in_flight(key: &str) -> JsonAnswer {
        let message = format!("Another request with the key '{key}' is in progress.");
        V2Error::new(StatusCode::CONFLICT, "idempotency_error", message).into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        V2Error::invalid(format!(
            "Idempotency keys may be at most {MAX_KEY_LENGTH} characters long."
        ))
        .into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match status {
            StatusCode::TOO_MANY_REQUESTS => "rate_limit",
            _ => "sandbox_fault",
        };
        Outcome::unstored(V2Error::new(status, code, format!("Fault injected by a test: {status}.")).into_answer())
    }
}
