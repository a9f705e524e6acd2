//! Errors of the provider (`schema.delegate_authentication.json`: `Error`), and its part in the pipeline.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};

use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// An error response. The schema has three codes; each error has the one that comes closest, and says in its message what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderError {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
}

impl ProviderError {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            param: None,
        }
    }

    /// 400: the card or another member of the body, named by its path (`JSONPath`).
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.to_owned()),
            ..Self::refused(StatusCode::BAD_REQUEST, message)
        }
    }

    /// A request that cannot be carried out.
    pub(crate) fn refused(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_request", "invalid_card", message)
    }

    /// 409: the session is past that.
    pub(crate) fn repeated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "invalid_request", "duplicate_request", message)
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

impl IntoResponse for ProviderError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

impl From<ProviderError> for JsonAnswer {
    fn from(error: ProviderError) -> Self {
        error.into_answer()
    }
}

/// The provider's format for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct ProviderDialect;

impl Dialect for ProviderDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        let message = "the Idempotency-Key was used with a different request";
        ProviderError::new(StatusCode::CONFLICT, "invalid_request", "idempotency_conflict", message).into_answer()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        ProviderError::repeated("the first request with this Idempotency-Key is still running").into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        ProviderError::refused(StatusCode::BAD_REQUEST, "the Idempotency-Key is too long").into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = "fault injected by a test";
        let error = ProviderError::new(status, "service_unavailable", "duplicate_request", message);
        Outcome::unstored(error.into_answer())
    }
}
