//! A response before it is sent, as the idempotency table keeps it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// Status and JSON body of a response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonAnswer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl JsonAnswer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// The same answer with the header `Idempotent-Replayed`.
    pub(crate) fn into_replay(self) -> Response {
        let mut response = self.into_response();
        response
            .headers_mut()
            .insert("idempotent-replayed", HeaderValue::from_static("true"));
        response
    }
}

impl IntoResponse for JsonAnswer {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (self.status, json, self.body.to_string()).into_response()
    }
}

/// Result of an operation: the answer, whether it is stored under the idempotency key, and whether it is sent.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: JsonAnswer,
    pub(crate) stored: bool,
    pub(crate) sent: bool,
}

impl Outcome {
    /// An answer that is stored under its idempotency key.
    pub(crate) fn stored(answer: JsonAnswer) -> Self {
        Self {
            answer,
            stored: true,
            sent: true,
        }
    }

    /// An answer from before execution began, which is not stored: the key can be used again.
    pub(crate) fn unstored(answer: JsonAnswer) -> Self {
        Self {
            answer,
            stored: false,
            sent: true,
        }
    }

    /// Stored, but the connection is closed instead of answering.
    pub(crate) fn dropped(answer: JsonAnswer) -> Self {
        Self {
            answer,
            stored: true,
            sent: false,
        }
    }
}
