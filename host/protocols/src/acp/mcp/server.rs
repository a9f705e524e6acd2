//! The methods of MCP.

use axum::http::HeaderMap;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::json_rpc::{Params, RpcRequest};
use super::revision::Revision;
use super::rpc_error::RpcError;
use super::tool::Tool;
use super::tool_list;
use crate::acp::agent::AcpAgent;
use crate::error_response::ErrorResponse;
use crate::json::JsonValue::{Object, Text};

/// What a model is told of the tools as a whole.
const INSTRUCTIONS: &str = "A shop's checkout (Agentic Commerce Protocol). Create a checkout session, show the buyer its items, options \
                            and total, update it until its status is ready_for_payment, and complete it with a payment token once the \
                            buyer agrees. Amounts are in minor units of the currency. Send a new meta.idempotency_key for each new \
                            intent, and repeat it unchanged when you retry: then nothing is bought twice.";

/// How long a client may keep the list of tools, in milliseconds: it changes with the merchant's configuration.
const LIST_TTL_MS: u64 = 3_600_000;

/// The MCP server of a merchant, for one request of an authenticated agent.
#[derive(Debug)]
pub(super) struct McpServer {
    pub(super) agent: AcpAgent,
    /// Whether the HTTP request had a valid signature of the agent.
    pub(super) is_signed: bool,
}

impl McpServer {
    pub(super) const fn new(agent: AcpAgent, is_signed: bool) -> Self {
        Self { agent, is_signed }
    }

    /// Answer one request.
    ///
    /// # Errors
    /// When the method or its parameters are not known, and when ACP refuses the operation.
    pub(super) async fn answer(
        &self,
        revision: Revision,
        headers: &HeaderMap,
        mut request: RpcRequest,
    ) -> Result<Box<RawValue>, RpcError> {
        if request.method == "initialize" {
            return initialize(&request.params);
        }
        revision.check(headers, &request)?;
        request.params.remove("_meta");
        match (request.method.as_str(), revision.has_handshake()) {
            ("ping", true) => raw(&json!({})),
            ("server/discover", false) => raw(&discover()),
            ("tools/list", _) => self.list_tools(revision, &request.params),
            ("tools/call", _) => {
                let (tool, arguments) = self.called_tool(request.params)?;
                let arguments = Arguments::read(tool, arguments)?;
                let result = self.call(tool, &arguments).await?;
                Ok(result.tool_result(revision, arguments.header("request-id")))
            }
            (method, true) => match self.tool(method) {
                Some(tool) => {
                    let arguments = Arguments::read(tool, request.params)?;
                    Ok(self.call(tool, &arguments).await?.into_body())
                }
                None => Err(RpcError::unknown_method(revision)),
            },
            (_, false) => Err(RpcError::unknown_method(revision)),
        }
    }

    fn tool(&self, name: &str) -> Option<Tool> {
        self.tools().find(|tool| tool.name() == name)
    }

    /// The tools that the merchant offers.
    fn tools(&self) -> impl Iterator<Item = Tool> {
        let keeps_carts = self.agent.settings.services.carts;
        Tool::ALL
            .into_iter()
            .filter(move |tool| keeps_carts || !tool.is_about_carts())
    }

    fn list_tools(&self, revision: Revision, params: &Params) -> Result<Box<RawValue>, RpcError> {
        if params.contains_key("cursor") {
            return Err(RpcError::invalid_params("cursor is not known: the list has one page"));
        }
        let tools: Vec<Value> = self.tools().map(tool_list::description).collect();
        match revision.has_handshake() {
            true => raw(&json!({ "tools": tools })),
            false => raw(&json!({
                "resultType": "complete",
                "tools": tools,
                "ttlMs": LIST_TTL_MS,
                "cacheScope": "private",
            })),
        }
    }

    fn called_tool(&self, mut params: Params) -> Result<(Tool, Params), RpcError> {
        let tool = match params.remove("name") {
            Some(Text(name)) => self.tool(&name),
            _ => return Err(RpcError::invalid_params("name must be the name of a tool")),
        };
        let tool =
            tool.ok_or_else(|| RpcError::invalid_params("there is no such tool; tools/list has those there are"))?;
        match params.remove("arguments") {
            Some(Object(arguments)) => Ok((tool, arguments)),
            None => Ok((tool, Params::new())),
            Some(_) => Err(RpcError::invalid_params("arguments must be an object")),
        }
    }
}

fn initialize(params: &Params) -> Result<Box<RawValue>, RpcError> {
    let Some(Text(requested)) = params.get("protocolVersion") else {
        return Err(RpcError::invalid_params(
            "protocolVersion must be a date such as \"2025-11-25\"",
        ));
    };
    raw(&json!({
        "protocolVersion": Revision::agreed(requested).date(),
        "capabilities": capabilities(),
        "serverInfo": server_info(),
        "instructions": INSTRUCTIONS,
    }))
}

fn discover() -> Value {
    let versions: Vec<&str> = Revision::ALL.iter().map(|revision| revision.date()).collect();
    json!({
        "resultType": "complete",
        "supportedVersions": versions,
        "capabilities": capabilities(),
        "instructions": INSTRUCTIONS,
        "ttlMs": LIST_TTL_MS,
        "cacheScope": "private",
        "_meta": { "io.modelcontextprotocol/serverInfo": server_info() },
    })
}

fn capabilities() -> Value {
    json!({ "tools": {} })
}

fn server_info() -> Value {
    json!({ "name": "tillhouse", "title": "Tillhouse checkout", "version": env!("CARGO_PKG_VERSION") })
}

fn raw(value: &Value) -> Result<Box<RawValue>, RpcError> {
    to_raw_value(value).map_err(|_| RpcError::of_call(&ErrorResponse::internal()))
}
