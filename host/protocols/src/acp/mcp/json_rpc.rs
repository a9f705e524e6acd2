//! Messages of JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>), as MCP uses it: parameters by name, ids that are not `null`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::rpc_error::RpcError;
use crate::json::JsonValue;

/// Parameters of a request, by name.
pub(super) type Params = BTreeMap<String, JsonValue>;

/// Maximum length of a text as the id of a request, in bytes.
const MAX_ID: usize = 255;

/// Id of a request; the response has the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RpcId {
    Text(String),
    Number(i64),
}

impl Serialize for RpcId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => to.serialize_i64(*number),
        }
    }
}

/// A request that wants a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcRequest {
    pub(super) id: RpcId,
    pub(super) method: String,
    pub(super) params: Params,
}

/// One message of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RpcMessage {
    Request(RpcRequest),
    /// A notification, or a response to a request that this host never sends: accepted, and nothing follows.
    Silent,
}

/// Why a message is not one of JSON-RPC, with the id that the response to it has, if the message has a usable one.
#[derive(Debug, PartialEq)]
pub(super) struct BadMessage {
    pub(super) id: Option<RpcId>,
    pub(super) error: RpcError,
}

impl RpcMessage {
    /// Read one message.
    ///
    /// # Errors
    /// When a member is missing or has the wrong type.
    pub(super) fn read(value: JsonValue) -> Result<Self, BadMessage> {
        let JsonValue::Object(mut members) = value else {
            return Err(invalid(None, "a message must be an object"));
        };
        if members.remove("jsonrpc") != Some(JsonValue::Text("2.0".to_owned())) {
            let id = members.remove("id").and_then(|id| read_id(id).ok());
            return Err(invalid(id, "jsonrpc must be \"2.0\""));
        }
        let id = members
            .remove("id")
            .map(read_id)
            .transpose()
            .map_err(|message| invalid(None, message))?;
        let Some(method) = members.remove("method") else {
            let is_response = members.contains_key("result") || members.contains_key("error");
            return match is_response {
                true => Ok(Self::Silent),
                false => Err(invalid(id, "method is missing")),
            };
        };
        let JsonValue::Text(method) = method else {
            return Err(invalid(id, "method must be a string"));
        };
        let params = match members.remove("params") {
            None => Params::new(),
            Some(JsonValue::Object(params)) => params,
            Some(_) => {
                let error = RpcError::invalid_params("params must be an object: parameters are given by name");
                return Err(BadMessage { id, error });
            }
        };
        Ok(match id {
            Some(id) => Self::Request(RpcRequest { id, method, params }),
            None => Self::Silent,
        })
    }
}

fn read_id(value: JsonValue) -> Result<RpcId, &'static str> {
    const WRONG: &str = "id must be a string of at most 255 bytes or a whole number";
    match value {
        JsonValue::Text(text) if text.len() <= MAX_ID => Ok(RpcId::Text(text)),
        JsonValue::Number(number) => number.whole().map(RpcId::Number).ok_or(WRONG),
        _ => Err(WRONG),
    }
}

fn invalid(id: Option<RpcId>, message: &str) -> BadMessage {
    let error = RpcError::invalid_request(message);
    BadMessage { id, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn read(text: &str) -> Result<RpcMessage, BadMessage> {
        RpcMessage::read(parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_request_has_an_id_and_a_notification_has_none() {
        let RpcMessage::Request(request) = read(r#"{"jsonrpc":"2.0","id":7.0,"method":"ping"}"#).unwrap() else {
            panic!("a request");
        };
        assert_eq!((request.id, request.method.as_str()), (RpcId::Number(7), "ping"));
        for silent in [
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        ] {
            assert_eq!(read(silent).unwrap(), RpcMessage::Silent, "{silent}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_id_if_it_has_one() {
        let seven = Some(RpcId::Number(7));
        for (message, id, code) in [
            ("1", None, -32600),
            (r#"{"id":7,"method":"ping"}"#, seven.clone(), -32600),
            (r#"{"jsonrpc":2.0,"id":7,"method":"ping"}"#, seven.clone(), -32600),
            (r#"{"jsonrpc":"2.0","id":7}"#, seven.clone(), -32600),
            (r#"{"jsonrpc":"2.0","id":7,"method":1}"#, seven.clone(), -32600),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":[7],"method":"ping"}"#, None, -32600),
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[1]}"#,
                seven,
                -32602,
            ),
        ] {
            let refused = read(message).unwrap_err();
            assert_eq!((refused.id, refused.error.code), (id, code), "{message}");
        }
    }
}
