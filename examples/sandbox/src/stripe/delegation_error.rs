//! Errors of `delegate_payment` (`schema.delegate_payment.json`: `Error`), and its part in the pipeline.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};

use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// An error response. The schema's list of codes is short; each error has the one that comes closest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelegationError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
}

impl DelegationError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "invalid_request",
            code,
            message: message.into(),
            param: None,
        }
    }

    /// 400: a member does not fit the schema; named by its path (`JSONPath`).
    pub(crate) fn malformed(param: &str, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.to_owned()),
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_card", message)
        }
    }

    /// 422: a member fits the schema, and its value cannot be used.
    pub(crate) fn card(param: &str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Self::malformed(param, message)
        }
    }

    pub(crate) fn key_required() -> Self {
        let message = "the Idempotency-Key header is required";
        Self::new(StatusCode::BAD_REQUEST, "idempotency_key_required", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "invalid API key")
    }

    pub(crate) fn release(releases: &[&str]) -> Self {
        let message = format!("send API-Version with one of: {}", releases.join(", "));
        Self::new(StatusCode::BAD_REQUEST, "invalid_card", message)
    }

    fn into_answer(self) -> JsonAnswer {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.into());
        if let Some(param) = self.param {
            error.insert("param".into(), param.into());
        }
        JsonAnswer::new(self.status, json!(error))
    }
}

impl IntoResponse for DelegationError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

impl From<DelegationError> for JsonAnswer {
    fn from(error: DelegationError) -> Self {
        error.into_answer()
    }
}

/// The format of `delegate_payment` for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct DelegationDialect;

impl Dialect for DelegationDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        let message = "the Idempotency-Key was used with a different request";
        DelegationError::new(StatusCode::CONFLICT, "idempotency_conflict", message).into_answer()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        let message = "the first request with this Idempotency-Key is still running";
        DelegationError::new(StatusCode::CONFLICT, "duplicate_request", message).into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        let message = "the Idempotency-Key is too long";
        DelegationError::new(StatusCode::BAD_REQUEST, "idempotency_conflict", message).into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = DelegationError {
            kind: "service_unavailable",
            ..DelegationError::new(status, "too_many_requests", "fault injected by a test")
        };
        Outcome::unstored(error.into_answer())
    }
}
