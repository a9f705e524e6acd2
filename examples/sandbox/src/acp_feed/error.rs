//! The errors of the feed server (`schema.feed.json`: `Error`), and its part in the pipeline.

use axum::http::StatusCode;

use crate::acp_error::AcpError;
use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// 400: a product that does not fit the schema, named by its path (`JSONPath`).
pub(super) fn invalid(param: &str, message: impl Into<String>) -> AcpError {
    AcpError::new(StatusCode::BAD_REQUEST, "invalid_product_payload", message).about(param)
}

/// 400: the country of a new feed.
pub(super) fn invalid_country() -> AcpError {
    let message = "target_country must be an ISO 3166-1 alpha-2 code";
    AcpError::new(StatusCode::BAD_REQUEST, "invalid_target_country", message).about("target_country")
}

/// 404: a feed that was not created here.
pub(super) fn unknown_feed() -> AcpError {
    AcpError::new(StatusCode::NOT_FOUND, "feed_not_found", "Feed not found").about("id")
}

/// The server's format for the answers of the pipeline.
#[derive(Debug)]
pub(super) struct FeedDialect;

impl Dialect for FeedDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        AcpError::key_conflict().into()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        AcpError::key_in_flight().into()
    }

    fn key_too_long() -> JsonAnswer {
        AcpError::key_too_long("invalid_request").into()
    }

    fn injected(status: u16) -> Outcome {
        AcpError::injected(status, "sandbox_fault")
    }
}
