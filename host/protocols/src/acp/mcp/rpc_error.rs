//! Errors of JSON-RPC, and how an error of ACP becomes one.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::revision::Revision;
use crate::error_response::ErrorResponse;

/// Every error of ACP has this code; its error object is in `data` (ACP MCP binding, error handling).
const ACP_ERROR: i32 = -32000;

/// An error as the answer to a request.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RpcError {
    pub(super) code: i32,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Box<RawValue>>,
    /// Status of the HTTP response, where MCP does not leave it at 200.
    #[serde(skip)]
    pub(super) status: StatusCode,
    /// Value of `Retry-After`, rounded up to whole seconds.
    #[serde(skip)]
    pub(super) retry_after: Option<Duration>,
    #[serde(skip)]
    pub(super) wants_bearer: bool,
}

impl PartialEq for RpcError {
    fn eq(&self, other: &Self) -> bool {
        let data = |error: &Self| error.data.as_ref().map(|data| data.get().to_owned());
        (self.code, &self.message, data(self), self.status) == (other.code, &other.message, data(other), other.status)
    }
}

/// `data` of an error about the MCP revision.
#[derive(Serialize)]
struct SupportedRevisions<'a> {
    supported: Vec<&'static str>,
    requested: &'a str,
}

impl RpcError {
    fn new(code: i32, message: impl Into<String>, status: StatusCode) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
            status,
            retry_after: None,
            wants_bearer: false,
        }
    }

    /// The body is a message of JSON-RPC, but not one that can be answered.
    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(-32600, message, StatusCode::BAD_REQUEST)
    }

    /// Parameters of a method are missing, of the wrong type or unknown: the call did not reach ACP.
    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(-32602, message, StatusCode::OK)
    }

    /// A request lacks what the revision demands of every request.
    pub(super) fn missing_metadata(message: impl Into<String>) -> Self {
        Self::new(-32602, message, StatusCode::BAD_REQUEST)
    }

    /// A header does not say what the body says (MCP 2026-07-28, Streamable HTTP, server validation).
    pub(super) fn header_mismatch(message: impl Into<String>) -> Self {
        Self::new(-32020, message, StatusCode::BAD_REQUEST)
    }

    /// The server has no such method. From 2026-07-28 on the status says so too.
    pub(super) fn unknown_method(revision: Revision) -> Self {
        let status = match revision.has_handshake() {
            true => StatusCode::OK,
            false => StatusCode::NOT_FOUND,
        };
        Self::new(-32601, "the method is not known; use tools/list and tools/call", status)
    }

    /// The revision of MCP is not spoken here.
    pub(super) fn unsupported_revision(requested: &str) -> Self {
        let supported = Revision::ALL.iter().map(|revision| revision.date()).collect();
        let requested: String = requested.chars().take(32).collect();
        let data = SupportedRevisions {
            supported,
            requested: &requested,
        };
        Self {
            data: to_raw_value(&data).ok(),
            ..Self::new(
                -32022,
                "the MCP protocol version is not supported",
                StatusCode::BAD_REQUEST,
            )
        }
    }

    /// An error of ACP as the answer to a tool call: the HTTP response says only that the call was answered.
    pub(super) fn of_call(error: &ErrorResponse) -> Self {
        Self {
            status: StatusCode::OK,
            ..Self::of_request(error)
        }
    }

    /// An error of ACP about the HTTP request, which keeps its status.
    pub(super) fn of_request(error: &ErrorResponse) -> Self {
        let body = String::from_utf8(error.reply().body).unwrap_or_default();
        Self {
            data: RawValue::from_string(body).ok(),
            retry_after: error.retry_after,
            wants_bearer: error.wants_bearer,
            ..Self::new(ACP_ERROR, error.message.as_str(), error.status)
        }
    }

    /// An error of ACP as it was stored under an idempotency key.
    pub(super) fn stored(message: String, body: Box<RawValue>) -> Self {
        Self {
            data: Some(body),
            ..Self::new(ACP_ERROR, message, StatusCode::OK)
        }
    }

    /// The body is not JSON, or not within the limits of every body.
    pub(super) fn unreadable(error: &ErrorResponse) -> Self {
        Self {
            code: -32700,
            ..Self::of_request(error)
        }
    }
}
