//! The acquirer's error envelope.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};

use crate::answer::{JsonAnswer, Outcome};
use crate::idempotency::MAX_KEY_LENGTH;
use crate::pipeline::Dialect;

/// An error response of the acquirer: `{"error":{"type","code","message","param"}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AcquirerError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
}

impl AcquirerError {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: String) -> Self {
        Self {
            status,
            kind,
            code,
            message,
            param: None,
        }
    }

    /// 400: `param` (a dotted path such as `card.number`) is missing or malformed.
    pub(crate) fn invalid(param: &str, rule: impl Into<String>) -> Self {
        let message = format!("{param} {}", rule.into());
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid", message);
        Self {
            param: Some(param.to_owned()),
            ..error
        }
    }

    /// 400: the body is not a JSON object.
    pub(crate) fn malformed(message: String) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            "malformed_json",
            message,
        )
    }

    /// 409: the state of the charge does not allow it.
    pub(crate) fn conflict(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::CONFLICT, "invalid_request_error", code, message)
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        let message = format!("No such {what}: {id}.");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "Invalid API key. Send the key that the sandbox was started with as a Bearer token.".to_owned();
        Self::new(
            StatusCode::UNAUTHORIZED,
            "authentication_error",
            "unauthorized",
            message,
        )
    }

    /// 400: every write needs an `Idempotency-Key`.
    pub(crate) fn key_required() -> Self {
        let message = "Send an Idempotency-Key header with every POST.".to_owned();
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            "idempotency_key_required",
            message,
        )
    }

    /// 402: nothing was charged, and will be only with the proof of an authentication.
    pub(crate) fn authentication_required() -> Self {
        let message = "The buyer has to be authenticated with 3-D Secure before the charge.".to_owned();
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            "card_error",
            "authentication_required",
            message,
        )
    }

    /// The answer to a charge on the test card 4000000000000119.
    pub(crate) fn internal() -> Self {
        let message = "The acquirer failed before it made the charge.".to_owned();
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "api_error",
            "internal_error",
            message,
        )
    }

    pub(crate) fn into_answer(self) -> JsonAnswer {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.into());
        if let Some(param) = self.param {
            error.insert("param".into(), param.into());
        }
        JsonAnswer::new(self.status, json!({ "error": error }))
    }
}

impl From<AcquirerError> for Outcome {
    /// A 400 is detected before anything is executed, so the corrected request may use the same key.
    fn from(error: AcquirerError) -> Self {
        let stored = error.status != StatusCode::BAD_REQUEST;
        Self {
            stored,
            ..Self::stored(error.into_answer())
        }
    }
}

impl IntoResponse for AcquirerError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// The acquirer's format for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct AcquirerDialect;

impl Dialect for AcquirerDialect {
    fn key_conflict(key: &str) -> JsonAnswer {
        let message = format!("The Idempotency-Key '{key}' was used with a different request; use a new key.");
        AcquirerError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_error",
            "idempotency_key_reused",
            message,
        )
        .into_answer()
    }

    fn key_in_flight(key: &str) -> JsonAnswer {
        let message = format!("The first request with the Idempotency-Key '{key}' is still running.");
        AcquirerError::new(
            StatusCode::CONFLICT,
            "idempotency_error",
            "idempotency_key_in_use",
            message,
        )
        .into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        AcquirerError::invalid(
            "Idempotency-Key",
            format!("may be at most {MAX_KEY_LENGTH} characters long."),
        )
        .into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = format!("Fault injected by a test: {status}.");
        Outcome::unstored(AcquirerError::new(status, "api_error", "sandbox_fault", message).into_answer())
    }
}
