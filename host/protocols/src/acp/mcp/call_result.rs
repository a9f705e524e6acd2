//! The result of a tool call: the body of the HTTP response that it stands for.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::revision::Revision;
use super::rpc_error::RpcError;
use crate::idempotent_post::PostOutcome;
use tillhouse_checkout::idempotency::Reply;

/// What became of a call that ACP answered.
#[derive(Debug)]
pub(super) struct CallResult {
    /// A checkout session, as over HTTP.
    body: Box<RawValue>,
    /// Whether it is the answer to an earlier call with the same idempotency key.
    is_replay: bool,
}

/// Schema `CallToolResult` of MCP.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    content: [TextContent<'a>; 1],
    structured_content: &'a RawValue,
    is_error: bool,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<ResultMeta<'a>>,
}

/// For clients that know no structured content.
#[derive(Serialize)]
struct TextContent<'a> {
    r#type: &'static str,
    text: &'a str,
}

/// What headers say over HTTP.
#[derive(Serialize)]
struct ResultMeta<'a> {
    #[serde(rename = "tillhouse/request_id", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(rename = "tillhouse/idempotent_replayed", skip_serializing_if = "Option::is_none")]
    idempotent_replayed: Option<bool>,
}

/// What is read of a stored error response.
#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

impl CallResult {
    /// The result of an operation.
    ///
    /// # Errors
    /// When the operation was refused, now or by an earlier call with the same idempotency key.
    pub(super) fn of_outcome(outcome: PostOutcome) -> Result<Self, RpcError> {
        match outcome {
            PostOutcome::Fresh(reply) => Self::of_reply(reply, false),
            PostOutcome::Replayed(reply) => Self::of_reply(reply, true),
            PostOutcome::Refused(error_response) => Err(RpcError::of_call(&error_response)),
        }
    }

    /// The result of an operation that has this response over HTTP.
    ///
    /// # Errors
    /// When the response is an error.
    pub(super) fn of_reply(reply: Reply, is_replay: bool) -> Result<Self, RpcError> {
        let is_error = reply.status >= 400;
        let text = String::from_utf8(reply.body).unwrap_or_default();
        let body = RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned());
        if !is_error {
            return Ok(Self { body, is_replay });
        }
        let message = serde_json::from_str(body.get()).map_or_else(|_| String::new(), |body: ErrorBody| body.message);
        Err(RpcError::stored(message, body))
    }

    /// The body alone, as the result of a method that is named like the tool (`OpenRPC` document of ACP).
    pub(super) fn into_body(self) -> Box<RawValue> {
        self.body
    }

    /// The result of `tools/call`.
    pub(super) fn tool_result(&self, revision: Revision, request_id: Option<&str>) -> Box<RawValue> {
        let idempotent_replayed = self.is_replay.then_some(true);
        let has_meta = request_id.is_some() || self.is_replay;
        let result = ToolResult {
            result_type: (!revision.has_handshake()).then_some("complete"),
            content: [TextContent {
                r#type: "text",
                text: self.body.get(),
            }],
            structured_content: &self.body,
            is_error: false,
            meta: has_meta.then_some(ResultMeta {
                request_id,
                idempotent_replayed,
            }),
        };
        to_raw_value(&result).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}
