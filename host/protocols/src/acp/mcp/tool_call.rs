//! A tool call as the HTTP request that it stands for.

use axum::http::{Method, StatusCode};

use super::arguments::Arguments;
use super::call_result::CallResult;
use super::rpc_error::RpcError;
use super::server::McpServer;
use super::tool::Tool;
use crate::acp::call::{AcpCall, ReceivedRequest};
use crate::acp::operation::AcpOperation;
use crate::acp::release::Release;
use crate::error_response::ErrorResponse;
use crate::fields::Id;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::ids::{SavedCartId, SessionId};

/// What a tool does.
enum Request {
    Run(AcpOperation),
    ReadSession(SessionId),
    ReadCart(SavedCartId),
}

impl McpServer {
    /// Run the operation of a tool.
    ///
    /// # Errors
    /// When ACP refuses it.
    pub(super) async fn call(&self, tool: Tool, arguments: &Arguments) -> Result<CallResult, RpcError> {
        tracing::info!(
            mcp.tool = tool.name(),
            mcp.request_id = arguments.header("request-id"),
            "tool called"
        );
        let refuse = |error: ErrorResponse| RpcError::of_call(&error);
        if arguments.has_signature && self.agent.may_sign() {
            return Err(refuse(unsigned()));
        }
        let release = Release::of(&arguments.headers).map_err(refuse)?;
        let call = AcpCall::of(&self.agent, release)
            .map_err(refuse)?
            .without_required_key();
        let key = call.key(&arguments.headers).map_err(refuse)?;
        let id = arguments.id.clone().map(resource_id).transpose().map_err(refuse)?;
        let read = |reply: Result<Reply, ErrorResponse>| CallResult::of_reply(reply.map_err(refuse)?, false);
        match request(tool, id)? {
            Request::ReadSession(id) => read(call.retrieve(id, &Method::GET).await),
            Request::ReadCart(id) => read(call.retrieve_cart(id).await),
            Request::Run(operation) => {
                let received = ReceivedRequest {
                    key,
                    body: arguments.payload.clone(),
                    is_signed: self.is_signed,
                };
                CallResult::of_outcome(call.run_once(operation, received).await)
            }
        }
    }
}

fn request(tool: Tool, id: Option<String>) -> Result<Request, RpcError> {
    let run = |operation| Ok(Request::Run(operation));
    match (tool, id) {
        (Tool::CreateCheckoutSession, _) => run(AcpOperation::Create),
        (Tool::CreateCart, _) => run(AcpOperation::CreateCart),
        (Tool::UpdateCheckoutSession, Some(id)) => run(AcpOperation::Update(SessionId::new(id))),
        (Tool::CompleteCheckoutSession, Some(id)) => run(AcpOperation::Complete(SessionId::new(id))),
        (Tool::CancelCheckoutSession, Some(id)) => run(AcpOperation::Cancel(SessionId::new(id))),
        (Tool::UpdateCart, Some(id)) => run(AcpOperation::ReplaceCart(SavedCartId::new(id))),
        (Tool::CancelCart, Some(id)) => run(AcpOperation::CancelCart(SavedCartId::new(id))),
        (Tool::GetCheckoutSession, Some(id)) => Ok(Request::ReadSession(SessionId::new(id))),
        (Tool::GetCart, Some(id)) => Ok(Request::ReadCart(SavedCartId::new(id))),
        (_, None) => Err(RpcError::invalid_params("id is missing")),
    }
}

/// The id of a session or a cart. Text that cannot be one gets the answer to an unknown one, as over HTTP.
fn resource_id(text: String) -> Result<String, ErrorResponse> {
    match Id::try_from(text) {
        Ok(id) if !id.0.contains('/') => Ok(id.0),
        _ => Err(ErrorResponse::not_found("there is nothing with this id")),
    }
}

/// A signature in `meta` would have to cover arguments that are not sent as bytes of their own: the HTTP request is what is signed.
fn unsigned() -> ErrorResponse {
    let message = "sign the HTTP request, with the headers Signature and Timestamp, instead of meta.signature";
    ErrorResponse::request(StatusCode::UNAUTHORIZED, "invalid_signature", message).not_recorded()
}
