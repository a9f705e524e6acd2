//! Errors of the vault: 401, 403 and 422, in the flat format of ACP.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// A refused delegation. No message quotes the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adyen) struct VaultError {
    status: StatusCode,
    code: &'static str,
    message: String,
    param: Option<String>,
}

impl VaultError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            param: None,
        }
    }

    pub(in crate::adyen) fn unauthorized() -> Self {
        let message = "Send the agentic token of the sandbox as a Bearer token.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// 403: the account is not one of this simulator's merchants.
    pub(super) fn forbidden() -> Self {
        let message = "This merchant account is not enabled for Agentic Commerce.";
        Self::new(StatusCode::FORBIDDEN, "merchant_not_enabled", message)
    }

    /// 422: `param` is missing or malformed.
    pub(super) fn invalid(param: &str, rule: &str) -> Self {
        Self {
            param: Some(param.to_owned()),
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_request",
                format!("{param} {rule}"),
            )
        }
    }

    pub(in crate::adyen) fn into_answer(self) -> JsonAnswer {
        let mut body = json!({"type": "invalid_request", "code": self.code, "message": self.message});
        if let (Some(param), Some(members)) = (self.param, body.as_object_mut()) {
            members.insert("param".into(), param.into());
        }
        JsonAnswer::new(self.status, body)
    }
}

impl From<VaultError> for Outcome {
    /// Nothing was vaulted, so the corrected request may use the same key.
    fn from(error: VaultError) -> Self {
        Self::unstored(error.into_answer())
    }
}

impl IntoResponse for VaultError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// The format of the vault for the answers of the pipeline.
#[derive(Debug)]
pub(in crate::adyen) struct VaultDialect;

impl Dialect for VaultDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        let message = "The Idempotency-Key was used with a different request.";
        VaultError::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_conflict", message).into_answer()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        let message = "The first request with this key is still running.";
        VaultError::new(StatusCode::CONFLICT, "idempotency_in_flight", message).into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        VaultError::invalid("Idempotency-Key", "is too long.").into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Outcome::unstored(VaultError::new(status, "sandbox_fault", "Fault injected by a test.").into_answer())
    }
}
