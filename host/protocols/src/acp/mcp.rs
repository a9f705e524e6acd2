//! The MCP binding of ACP: one endpoint, `POST /mcp`, whose tools are the operations of ACP 2026-04-17.
//!
//! A tool call takes the path of the HTTP request that it stands for (`AcpCall`): the same keys, idempotency keys and errors. Nothing is
//! kept between requests, and every answer is one JSON document. Specifications: `openrpc.agentic_checkout.json` and the MCP binding of
//! ACP, and <https://modelcontextprotocol.io/specification>.

mod arguments;
mod call_result;
mod json_rpc;
mod revision;
mod rpc_error;
mod rpc_response;
mod server;
#[cfg(test)]
mod tests;
mod tool;
mod tool_call;
mod tool_list;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use super::agent::AcpAgent;
use crate::error_response::ErrorResponse;
use crate::json::JsonValue;
use crate::request::{parse_json, read_body, require_body};
use crate::request_signature::SignedRequest;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use json_rpc::RpcMessage;
use revision::Revision;
use rpc_error::RpcError;
use rpc_response::RpcResponse;
use server::McpServer;

/// Path of the endpoint, to which the signatures of its requests belong.
const PATH: &str = "/mcp";

/// Most messages in one body; only one revision of MCP allows more than one.
const MAX_BATCH: usize = 16;

/// The body of a request, and what its headers say.
struct McpRequest {
    server: McpServer,
    revision: Revision,
    body: JsonValue,
}

/// `POST /mcp`.
pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    let offers_mcp = merchant.acp.as_ref().is_some_and(|acp| acp.services.mcp);
    if !offers_mcp {
        return respond::from_error(&ErrorResponse::route_not_found());
    }
    let (head, body) = request.into_parts();
    match admit(state, merchant, &head.headers, body).await {
        Ok(request) => answer(&head.headers, request).await,
        Err(error) => RpcResponse::error(None, error).into_response(),
    }
}

async fn admit(
    state: AppState,
    merchant: Arc<MerchantSettings>,
    headers: &HeaderMap,
    body: Body,
) -> Result<McpRequest, RpcError> {
    check_origin(&merchant, headers)?;
    let of_request = |error: ErrorResponse| RpcError::of_request(&error);
    let agent = AcpAgent::authenticate(state, merchant, headers).map_err(of_request)?;
    let bytes = read_body(body, &agent.state.limits).await.map_err(of_request)?;
    let request = SignedRequest {
        method: &Method::POST,
        path: PATH,
        release: None,
        key: None,
    };
    let is_signed = agent
        .verify_signature(headers, &bytes, request)
        .await
        .map_err(of_request)?;
    let body = parse_json(headers, &bytes).map_err(|error| RpcError::unreadable(&error))?;
    let body = require_body(body.as_ref()).map_err(|error| RpcError::unreadable(&error.into()))?;
    Ok(McpRequest {
        body: body.clone(),
        revision: Revision::of(headers)?,
        server: McpServer::new(agent, is_signed),
    })
}

/// Only a browser sends `Origin`. Its page may be anybody's, and its requests may reach hosts that only its user can reach (DNS
/// rebinding): the merchant names those that may call.
fn check_origin(merchant: &MerchantSettings, headers: &HeaderMap) -> Result<(), RpcError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let acp = merchant.acp.as_ref();
    let allowed = acp.map(|acp| acp.services.mcp_origins.as_slice()).unwrap_or_default();
    if allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return Ok(());
    }
    let message = "requests of web pages of this origin are not accepted";
    let refused = ErrorResponse::request(StatusCode::FORBIDDEN, "forbidden", message);
    Err(RpcError::of_request(&refused))
}

async fn answer(headers: &HeaderMap, request: McpRequest) -> Response {
    let McpRequest { server, revision, body } = request;
    let messages = match body {
        JsonValue::List(messages) => messages,
        message => {
            return match answer_message(&server, revision, headers, message).await {
                Some(response) => response.into_response(),
                None => rpc_response::accepted(),
            };
        }
    };
    if !revision.has_batches() || messages.is_empty() || messages.len() > MAX_BATCH {
        let message = format!("send one message in each request; 2025-03-26 allows 1 to {MAX_BATCH} of them");
        return RpcResponse::error(None, RpcError::invalid_request(message)).into_response();
    }
    let mut responses = Vec::with_capacity(messages.len());
    for message in messages {
        responses.extend(answer_message(&server, revision, headers, message).await);
    }
    if responses.is_empty() {
        rpc_response::accepted()
    } else {
        rpc_response::batch(&responses)
    }
}

/// The response to one message; `None` if it wants none.
async fn answer_message(
    server: &McpServer,
    revision: Revision,
    headers: &HeaderMap,
    message: JsonValue,
) -> Option<RpcResponse> {
    match RpcMessage::read(message) {
        Ok(RpcMessage::Silent) => None,
        Ok(RpcMessage::Request(request)) => {
            let id = Some(request.id.clone());
            Some(match server.answer(revision, headers, request).await {
                Ok(result) => RpcResponse::result(id, result),
                Err(error) => RpcResponse::error(id, error),
            })
        }
        Err(bad) => Some(RpcResponse::error(bad.id, bad.error)),
    }
}
