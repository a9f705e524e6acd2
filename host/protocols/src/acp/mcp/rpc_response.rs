//! Responses of JSON-RPC, and the HTTP responses that carry them.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;

use super::json_rpc::RpcId;
use super::rpc_error::RpcError;
use crate::respond;
use tillhouse_checkout::idempotency::Reply;

/// The response to a request: a result or an error.
#[derive(Debug, Serialize)]
pub(super) struct RpcResponse {
    jsonrpc: &'static str,
    /// Id of the request; left out if it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RpcId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RpcError>,
}

impl RpcResponse {
    pub(super) const fn result(id: Option<RpcId>, result: Box<RawValue>) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            result: Some(result),
            error: None,
        }
    }

    pub(super) const fn error(id: Option<RpcId>, error: RpcError) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            result: None,
            error: Some(error),
        }
    }

    /// The HTTP response with this response as its body.
    pub(super) fn into_response(self) -> Response {
        let status = self.error.as_ref().map_or(StatusCode::OK, |error| error.status);
        let mut response = json_response(status, &self);
        if let Some(error) = self.error {
            respond::set_error_headers(&mut response, error.wants_bearer, error.retry_after);
        }
        response
    }
}

/// The HTTP response to a batch.
pub(super) fn batch(responses: &[RpcResponse]) -> Response {
    json_response(StatusCode::OK, responses)
}

/// The HTTP response to what wants no response: 202 without a body.
pub(super) fn accepted() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

fn json_response<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Response {
    respond::from_reply(Reply {
        status: status.as_u16(),
        body: serde_json::to_vec(body).unwrap_or_default(),
    })
}
