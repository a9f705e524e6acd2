//! Parsing of requests, and dispatch to their operations.

use std::sync::Arc;

use serde_json::Value;
use tillhouse_plugin_protocol::call::Call;
use tillhouse_plugin_protocol::component::{Build, Bundled, Describe, Load};
use tillhouse_plugin_protocol::data::{PutData, ReadData, SetCounter};
use tillhouse_plugin_protocol::hello::Hello;
use tillhouse_plugin_protocol::lookups::{ReadCatalog, ReadCurrency, ReadRedactedForms, ReadTestCard};
use tillhouse_plugin_protocol::quote::Quote;
use tillhouse_plugin_protocol::shop::{Buy, CloseShop, OpenShop, ReadLedger};
use tillhouse_plugin_protocol::trial::{Close, Install, Open};
use tillhouse_plugin_protocol::{Operation, Request, RequestError, RequestErrorKind, Response};

use super::perform::Perform;
use super::server_state::ServerState;

/// Name of the operation that has to come first.
pub(super) const HELLO: &str = Hello::NAME;

/// Parse a line; on failure, return the error response.
pub(super) fn parse(line: &[u8]) -> Result<Request, Response> {
    let invalid = |id: Option<u64>, what: String| {
        let message =
            format!("the line is not a request: {what}; expected {{\"id\": 1, \"op\": \"…\", \"with\": {{…}}}}");
        Response::new(id, Err(RequestError::new(RequestErrorKind::Protocol, message)))
    };
    let value: Value = serde_json::from_slice(line).map_err(|error| invalid(None, error.to_string()))?;
    let id = value.get("id").and_then(Value::as_u64);
    serde_json::from_value(value).map_err(|error| invalid(id, expectation(&error.to_string())))
}

/// Perform a request and build its response. A panic becomes an error response.
pub(super) async fn respond(state: Arc<ServerState>, request: Request) -> Response {
    let id = Some(request.id);
    let done = tokio::spawn(async move { dispatch(&state, request).await }).await;
    let panicked = |_| {
        Err(RequestError::new(
            RequestErrorKind::Machine,
            "the program panicked at this request; the panic message is on standard error",
        ))
    };
    Response::new(id, done.unwrap_or_else(panicked))
}

macro_rules! dispatch_by_name {
    ($state:expr, $request:expr; $($operation:ty),+ $(,)?) => {
        match $request.op.as_str() {
            $(<$operation>::NAME => Box::pin(decode_and_perform::<$operation>($state, $request.with)).await,)+
            other => {
                let known = [$(<$operation>::NAME),+].join(", ");
                Err(RequestError::new(RequestErrorKind::Protocol, format!("unknown operation `{other}`; expected one of: {known}")))
            }
        }
    };
}

async fn dispatch(state: &ServerState, request: Request) -> Result<Value, RequestError> {
    if request.op != HELLO && !state.is_greeted() {
        let message = format!("send `{HELLO}` before `{}`", request.op);
        return Err(RequestError::new(RequestErrorKind::Protocol, message));
    }
    dispatch_by_name!(state, request;
        Hello, Build, Bundled, Describe, Load, Open, Close, Install, Call, Quote, ReadData, PutData, SetCounter,
        OpenShop, Buy, ReadLedger, CloseShop, ReadCatalog, ReadCurrency, ReadRedactedForms, ReadTestCard,
    )
}

async fn decode_and_perform<O: Perform>(state: &ServerState, with: Value) -> Result<Value, RequestError> {
    let operation: O = serde_json::from_value(with).map_err(|error| {
        let message = format!("invalid `{}` request: {}", O::NAME, expectation(&error.to_string()));
        RequestError::new(RequestErrorKind::Protocol, message)
    })?;
    let answer = operation.perform(state).await?;
    serde_json::to_value(answer).map_err(|error| RequestError::new(RequestErrorKind::Machine, error.to_string()))
}

/// What serde expected, without the value that it found: that may be card data.
fn expectation(message: &str) -> String {
    // These messages name members of the protocol and no values.
    if ["missing field", "duplicate field"]
        .iter()
        .any(|kind| message.starts_with(kind))
    {
        return message.to_owned();
    }
    let kinds = ["invalid type", "invalid length", "unknown field", "unknown variant"];
    let kind = kinds.iter().find(|kind| message.starts_with(**kind));
    let kind = kind.unwrap_or(&"invalid value");
    match message.rsplit_once(", expected ") {
        Some((_found, expected)) => format!("{kind}, expected {expected}"),
        None => (*kind).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tillhouse_plugin_protocol::call::Credential;

    use super::*;

    #[test]
    fn an_error_never_repeats_a_value_of_the_request() {
        const CARD: &str = "4242424242424242";
        for slots in [
            json!([["number", 4_242_424_242_424_242_u64]]),
            json!([["number", [CARD]]]),
            json!([[CARD]]),
            json!(CARD),
            json!(format!("a \" b {CARD}, expected {CARD}")),
            json!({CARD: CARD}),
        ] {
            let card = json!({"kind": "dpan", "display": {}, "slots": slots});
            let error = serde_json::from_value::<Credential>(card).unwrap_err();
            let message = expectation(&error.to_string());
            assert!(!message.contains(CARD), "{message}");
        }
    }

    #[test]
    fn a_missing_field_is_named() {
        let error = serde_json::from_value::<Request>(json!({"id": 1})).unwrap_err();
        assert_eq!(expectation(&error.to_string()), "missing field `op`");
    }
}
