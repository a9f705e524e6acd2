//! Errors of the operations that ACP defines beside the checkout: `Error` of `schema.delegate_payment.json` and
//! `schema.delegate_authentication.json`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};

use crate::answer::{JsonAnswer, Outcome};

/// An error response. The schemas' lists of codes are short; each error has the one that comes closest, and says in its message what is
/// wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AcpError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
}

impl AcpError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: "invalid_request",
            code,
            message: message.into(),
            param: None,
        }
    }

    /// The error of the member at this path (`JSONPath`).
    pub(crate) fn about(self, param: &str) -> Self {
        Self {
            param: Some(param.to_owned()),
            ..self
        }
    }

    /// 409: the `Idempotency-Key` belongs to another request.
    pub(crate) fn key_conflict() -> Self {
        let message = "the Idempotency-Key was used with a different request";
        Self::new(StatusCode::CONFLICT, "idempotency_conflict", message)
    }

    /// 409: the request with this `Idempotency-Key` has no answer yet.
    pub(crate) fn key_in_flight() -> Self {
        let message = "the first request with this Idempotency-Key is still running";
        Self::new(StatusCode::CONFLICT, "duplicate_request", message)
    }

    /// 400: the code is the one that comes closest in the schema.
    pub(crate) fn key_too_long(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "the Idempotency-Key is too long")
    }

    /// A fault that a test injects; it is not stored under the key.
    pub(crate) fn injected(status: u16, code: &'static str) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = Self {
            kind: "service_unavailable",
            ..Self::new(status, code, "fault injected by a test")
        };
        Outcome::unstored(error.into())
    }
}

impl From<AcpError> for JsonAnswer {
    fn from(error: AcpError) -> Self {
        let mut body = Map::new();
        body.insert("type".into(), error.kind.into());
        body.insert("code".into(), error.code.into());
        body.insert("message".into(), error.message.into());
        if let Some(param) = error.param {
            body.insert("param".into(), param.into());
        }
        Self::new(error.status, json!(body))
    }
}

impl IntoResponse for AcpError {
    fn into_response(self) -> Response {
        JsonAnswer::from(self).into_response()
    }
}
