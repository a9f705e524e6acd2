//! The arguments of a tool call: `meta`, `id` and `payload` (ACP MCP binding).

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::json_rpc::Params;
use super::rpc_error::RpcError;
use super::tool::{Payload, Tool};
use crate::idempotency::KEY_HEADER;
use crate::json::JsonValue;

/// Members of `meta` that mean something, and the HTTP header that each stands for.
const META: [(&str, HeaderName); 3] = [
    ("api_version", HeaderName::from_static("api-version")),
    ("idempotency_key", HeaderName::from_static(KEY_HEADER)),
    (REQUEST_ID, HeaderName::from_static("request-id")),
];
const REQUEST_ID: &str = "request_id";
/// Maximum length of `request_id`, in bytes: it is logged, and the answer repeats it.
pub(super) const MAX_REQUEST_ID: usize = 255;

/// The arguments of a call, of which `meta` is the headers that it stands for.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) headers: HeaderMap,
    pub(super) id: Option<String>,
    pub(super) payload: Option<JsonValue>,
    /// Whether `meta` has a signature, which can only be given for the HTTP request.
    pub(super) has_signature: bool,
}

impl Arguments {
    /// Read the arguments of a tool.
    ///
    /// # Errors
    /// When one is missing, of the wrong type or unknown.
    pub(super) fn read(tool: Tool, mut arguments: Params) -> Result<Self, RpcError> {
        let Some(JsonValue::Object(meta)) = arguments.remove("meta") else {
            return Err(RpcError::invalid_params("meta must be an object with api_version"));
        };
        let id = match (tool.id(), arguments.remove("id")) {
            (None, None) => None,
            (Some(_), Some(JsonValue::Text(id))) => Some(id),
            (Some(kind), _) => return Err(RpcError::invalid_params(format!("id must be the id of a {kind}"))),
            (None, Some(_)) => return Err(unknown("id", tool)),
        };
        let payload = match (tool.payload(), arguments.remove("payload")) {
            // Models send null for what they leave out.
            (Payload::None | Payload::Optional(_), None | Some(JsonValue::Null)) => None,
            (Payload::Optional(_) | Payload::Required(_), Some(payload @ JsonValue::Object(_))) => Some(payload),
            (Payload::None, Some(_)) => return Err(unknown("payload", tool)),
            (Payload::Optional(_) | Payload::Required(_), _) => {
                return Err(RpcError::invalid_params(
                    "payload must be an object: the body of the request",
                ));
            }
        };
        if let Some(other) = arguments.keys().next() {
            return Err(unknown(other, tool));
        }
        Ok(Self {
            headers: headers(&meta)?,
            id,
            payload,
            has_signature: meta.get("signature").is_some_and(|value| *value != JsonValue::Null),
        })
    }

    /// A header that `meta` stands for, as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn unknown(name: &str, tool: Tool) -> RpcError {
    let name: String = name.chars().take(64).collect();
    RpcError::invalid_params(format!("{} has no argument {name:?}", tool.name()))
}

/// The headers that `meta` stands for. Members that are not known are ignored, as the binding asks.
fn headers(meta: &Params) -> Result<HeaderMap, RpcError> {
    let mut headers = HeaderMap::new();
    for (member, header) in META {
        let value = match meta.get(member) {
            None | Some(JsonValue::Null) => continue,
            Some(JsonValue::Text(text)) => HeaderValue::from_str(text).ok(),
            Some(_) => None,
        };
        let is_too_long = value.as_ref().is_some_and(|value| value.len() > MAX_REQUEST_ID);
        if member == REQUEST_ID && is_too_long {
            let message = format!("meta.{member} must not be longer than {MAX_REQUEST_ID} characters");
            return Err(RpcError::invalid_params(message));
        }
        let value = value.ok_or_else(|| {
            RpcError::invalid_params(format!("meta.{member} must be a string of printable ASCII characters"))
        })?;
        headers.insert(header, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(tool: Tool, text: &str) -> Result<Arguments, RpcError> {
        let JsonValue::Object(arguments) = parse(text.as_bytes()).unwrap() else {
            panic!("an object");
        };
        Arguments::read(tool, arguments)
    }

    #[test]
    fn meta_stands_for_headers() {
        let text =
            r#"{"meta":{"api_version":"2026-04-17","idempotency_key":"k","trace":1},"id":"cs_1","payload":null}"#;
        let arguments = read(Tool::CancelCheckoutSession, text).unwrap();
        assert_eq!(arguments.header("api-version"), Some("2026-04-17"));
        assert_eq!(arguments.header("idempotency-key"), Some("k"));
        assert_eq!(arguments.headers.len(), 2, "what is not known is ignored");
        assert_eq!((arguments.id.as_deref(), arguments.payload), (Some("cs_1"), None));
    }

    #[test]
    fn a_request_id_is_short_enough_to_be_repeated() {
        let call = |length: usize| format!(r#"{{"meta":{{"request_id":"{}"}},"id":"cs_1"}}"#, "r".repeat(length));
        assert!(read(Tool::GetCheckoutSession, &call(255)).is_ok());
        let error = read(Tool::GetCheckoutSession, &call(256)).unwrap_err();
        assert_eq!(error.code, -32602);
        assert!(error.message.contains("meta.request_id"), "{}", error.message);
    }

    #[test]
    fn a_signature_that_is_null_is_none() {
        for (signature, is_one) in [("null", false), (r#""AAAA""#, true), ("7", true)] {
            let text = format!(r#"{{"meta":{{"signature":{signature}}},"id":"cs_1"}}"#);
            let arguments = read(Tool::GetCheckoutSession, &text).unwrap();
            assert_eq!(arguments.has_signature, is_one, "{signature}");
        }
    }

    #[test]
    fn malformed_arguments_do_not_reach_acp() {
        use Tool::{CancelCheckoutSession, CompleteCheckoutSession, CreateCheckoutSession, GetCheckoutSession};
        for (tool, text, named) in [
            (CreateCheckoutSession, "{}", "meta"),
            (CreateCheckoutSession, r#"{"meta":[]}"#, "meta"),
            (
                CreateCheckoutSession,
                r#"{"meta":{},"id":"cs_1","payload":{}}"#,
                "\"id\"",
            ),
            (CreateCheckoutSession, r#"{"meta":{}}"#, "payload"),
            (CreateCheckoutSession, r#"{"meta":{},"payload":null}"#, "payload"),
            (CreateCheckoutSession, r#"{"meta":{},"payload":[]}"#, "payload"),
            (
                CreateCheckoutSession,
                r#"{"meta":{},"payload":{},"line_items":[]}"#,
                "line_items",
            ),
            (GetCheckoutSession, r#"{"meta":{}}"#, "id"),
            (GetCheckoutSession, r#"{"meta":{},"id":7}"#, "id"),
            (GetCheckoutSession, r#"{"meta":{},"id":"cs_1","payload":{}}"#, "payload"),
            (CompleteCheckoutSession, r#"{"meta":{},"id":"cs_1"}"#, "payload"),
            (
                CancelCheckoutSession,
                r#"{"meta":{},"id":"cs_1","payload":1}"#,
                "payload",
            ),
            (
                GetCheckoutSession,
                r#"{"meta":{"idempotency_key":7},"id":"cs_1"}"#,
                "meta.idempotency_key",
            ),
            (
                GetCheckoutSession,
                r#"{"meta":{"idempotency_key":"a\nb"},"id":"cs_1"}"#,
                "meta.idempotency_key",
            ),
            (
                GetCheckoutSession,
                r#"{"meta":{"api_version":20260417},"id":"cs_1"}"#,
                "meta.api_version",
            ),
        ] {
            let error = read(tool, text).unwrap_err();
            assert_eq!(error.code, -32602, "{text}");
            assert!(error.message.contains(named), "{text}: {}", error.message);
        }
    }
}
