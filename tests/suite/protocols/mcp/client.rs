//! A client of MCP that others have written and keep (`rmcp`), over the HTTP client of these tests.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_core::stream::BoxStream;
use hyper::header::{HeaderName, HeaderValue};
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, CallToolResult, ClientJsonRpcMessage, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError, StreamableHttpPostResponse,
};
use serde_json::{Value, json};
use sse_stream::Sse;
use tillhouse_tests::{Acp, Client};

/// How a client opens: with the handshake of the older revisions, or without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Handshake,
    Discovery,
}

/// Sends messages to `/mcp` of a merchant, with the merchant's key, and loses an answer when it is told to.
#[derive(Clone)]
struct Wire {
    client: Client,
    loses_answer: Arc<AtomicBool>,
}

#[derive(Debug)]
struct AnswerLost;

impl std::fmt::Display for AnswerLost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection broke before the answer")
    }
}

impl std::error::Error for AnswerLost {}

impl StreamableHttpClient for Wire {
    type Error = AnswerLost;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        _: Option<Arc<str>>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, StreamableHttpError<AnswerLost>> {
        let body = serde_json::to_value(message)?;
        let mut request = self.client.post("/mcp").acp_key().json(&body);
        for (name, value) in &headers {
            request = request.header(name.as_str(), value.to_str().unwrap());
        }
        let answer = request.send().await;
        if body["method"] == "tools/call" && self.loses_answer.swap(false, Ordering::SeqCst) {
            return Err(StreamableHttpError::Client(AnswerLost));
        }
        match answer.status {
            202 => Ok(StreamableHttpPostResponse::Accepted),
            _ => Ok(StreamableHttpPostResponse::Json(
                serde_json::from_slice(&answer.body)?,
                None,
            )),
        }
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        _: Arc<str>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), StreamableHttpError<AnswerLost>> {
        Err(StreamableHttpError::ServerDoesNotSupportDeleteSession)
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        _: Option<Arc<str>>,
        _: Option<String>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, sse_stream::Error>>, StreamableHttpError<AnswerLost>> {
        Err(StreamableHttpError::ServerDoesNotSupportSse)
    }
}

/// An agent of a merchant over MCP.
pub(crate) struct McpAgent {
    service: RunningService<RoleClient, ()>,
    loses_answer: Arc<AtomicBool>,
}

impl McpAgent {
    pub(crate) async fn open(acp: &Acp<'_>, opening: Opening) -> Self {
        let loses_answer = Arc::new(AtomicBool::new(false));
        let wire = Wire {
            client: acp.client.clone(),
            loses_answer: Arc::clone(&loses_answer),
        };
        let config = StreamableHttpClientTransportConfig::with_uri("/mcp");
        let transport = StreamableHttpClientTransport::with_client(wire, config);
        let lifecycle = match opening {
            Opening::Handshake => ClientLifecycleMode::Initialize,
            Opening::Discovery => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
        };
        let service = ().serve_with_lifecycle(transport, lifecycle).await.unwrap();
        Self { service, loses_answer }
    }

    /// The revision of MCP that was agreed on.
    pub(crate) fn revision(&self) -> String {
        self.service.peer_info().unwrap().protocol_version.to_string()
    }

    /// Loses the answer to the next tool call, which the host has answered.
    pub(crate) fn lose_next_answer(&self) {
        self.loses_answer.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn tools(&self) -> Vec<rmcp::model::Tool> {
        self.service.list_all_tools().await.unwrap()
    }

    pub(crate) async fn try_call(&self, tool: &str, arguments: &Value) -> Result<CallToolResult, ServiceError> {
        let arguments = arguments.as_object().unwrap().clone();
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        self.service.call_tool(params).await
    }

    /// The session or cart that a call answers with.
    pub(crate) async fn call(&self, tool: &str, arguments: &Value) -> Value {
        let result = self.try_call(tool, arguments).await.unwrap();
        let structured = result.structured_content.clone().unwrap();
        let text = result.content.first().unwrap().as_text().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text.text).unwrap(), structured);
        structured
    }

    /// The error object of ACP that a call is refused with.
    pub(crate) async fn refusal(&self, tool: &str, arguments: &Value) -> Value {
        match self.try_call(tool, arguments).await {
            Err(ServiceError::McpError(error)) => {
                assert_eq!(error.code.0, -32000, "{error:?}");
                error.data.unwrap()
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// `meta` of a call with this idempotency key.
pub(crate) fn meta(key: &str) -> Value {
    json!({ "api_version": "2026-04-17", "idempotency_key": key })
}
