//! The errors of `delegate_payment` (`schema.delegate_payment.json`: `Error`), and its part in the pipeline.

use axum::http::StatusCode;

use crate::acp_error::AcpError;
use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// 400: a member does not fit the schema; named by its path (`JSONPath`).
pub(crate) fn malformed(param: &str, message: impl Into<String>) -> AcpError {
    AcpError::new(StatusCode::BAD_REQUEST, "invalid_card", message).about(param)
}

/// 422: a member fits the schema, and its value cannot be used.
pub(crate) fn unusable(param: &str, message: impl Into<String>) -> AcpError {
    AcpError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_card", message).about(param)
}

pub(crate) fn key_required() -> AcpError {
    let message = "the Idempotency-Key header is required";
    AcpError::new(StatusCode::BAD_REQUEST, "idempotency_key_required", message)
}

pub(crate) fn unauthorized() -> AcpError {
    AcpError::new(StatusCode::UNAUTHORIZED, "unauthorized", "invalid API key")
}

pub(crate) fn unknown_release(releases: &[&str]) -> AcpError {
    let message = format!("send API-Version with one of: {}", releases.join(", "));
    AcpError::new(StatusCode::BAD_REQUEST, "invalid_card", message)
}

/// The format of `delegate_payment` for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct DelegationDialect;

impl Dialect for DelegationDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        AcpError::key_conflict().into()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        AcpError::key_in_flight().into()
    }

    fn key_too_long() -> JsonAnswer {
        AcpError::key_too_long("idempotency_conflict").into()
    }

    fn injected(status: u16) -> Outcome {
        AcpError::injected(status, "too_many_requests")
    }
}
