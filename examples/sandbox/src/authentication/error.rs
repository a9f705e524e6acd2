//! The errors of the provider (`schema.delegate_authentication.json`: `Error`), and its part in the pipeline.

use axum::http::StatusCode;

use crate::acp_error::AcpError;
use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// 400: the card or another member of the body, named by its path (`JSONPath`).
pub(crate) fn invalid(param: &str, message: impl Into<String>) -> AcpError {
    refused(StatusCode::BAD_REQUEST, message).about(param)
}

/// A request that cannot be carried out.
pub(crate) fn refused(status: StatusCode, message: impl Into<String>) -> AcpError {
    AcpError::new(status, "invalid_card", message)
}

/// 409: the session is past that.
pub(crate) fn repeated(message: impl Into<String>) -> AcpError {
    AcpError::new(StatusCode::CONFLICT, "duplicate_request", message)
}

/// The provider's format for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct ProviderDialect;

impl Dialect for ProviderDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        AcpError::key_conflict().into()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        AcpError::key_in_flight().into()
    }

    fn key_too_long() -> JsonAnswer {
        AcpError::key_too_long("invalid_card").into()
    }

    fn injected(status: u16) -> Outcome {
        AcpError::injected(status, "duplicate_request")
    }
}
