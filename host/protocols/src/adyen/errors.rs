//! Errors in this dialect: `messages` in the place of an error object, with the codes of the document where it has one. A refusal with 422
//! says that nothing was done, and shows the session as it is.

mod domain;

use serde::Serialize;

pub(crate) use domain::{RefusedRequest, answer, currency_mismatch, unprocessable};

use super::rendering::upper_snake;
use super::shape::message::Message;
use crate::error_response::ErrorResponse;
use crate::json::{BodyError, BodyErrorKind};

/// The body of an error without a session.
#[derive(Serialize)]
struct Messages<'a> {
    messages: &'a [Message<'a>],
}

/// A member of a request that the dialect does not define.
const UNKNOWN_FIELD: &str = "unknown_field";

/// The error for a body that does not match the dialect.
pub(crate) fn of_body(error: BodyError) -> ErrorResponse {
    let is_unknown = error.kind == BodyErrorKind::Unknown;
    let error_response = ErrorResponse::from(error).not_recorded();
    in_messages(if is_unknown {
        ErrorResponse {
            code: UNKNOWN_FIELD.to_owned(),
            ..error_response
        }
    } else {
        error_response
    })
}

/// An error of the host in this dialect. One that is in it already stays as it is.
pub(crate) fn in_messages(error_response: ErrorResponse) -> ErrorResponse {
    if error_response.body.is_some() {
        return error_response;
    }
    let param = error_response.param.as_deref().and_then(path_of);
    let message = Message::error(
        code_of(&error_response.code),
        without_root(&error_response.message).to_owned(),
        param,
    );
    let body = body_of(&[message]);
    error_response.with_body(body)
}

pub(super) fn body_of(messages: &[Message<'_>]) -> Vec<u8> {
    serde_json::to_vec(&Messages { messages }).unwrap_or_default()
}

/// The path of a message for a `JSONPath`: without its root; `None` for the root itself.
pub(super) fn path_of(json_path: &str) -> Option<String> {
    let path = json_path.strip_prefix('$').unwrap_or(json_path);
    let path = path.strip_prefix('.').unwrap_or(path);
    (!path.is_empty()).then(|| path.to_owned())
}

/// The text of a message about a field, which begins with its path.
pub(super) fn without_root(text: &str) -> &str {
    let text = text.strip_prefix("$: ").unwrap_or(text);
    let text = text.strip_prefix("$.").unwrap_or(text);
    text.strip_prefix('$')
        .filter(|rest| rest.starts_with('['))
        .unwrap_or(text)
}

fn code_of(code: &str) -> String {
    match code {
        "missing_required_field" => "MISSING_FIELD".to_owned(),
        "invalid" | "unsupported" => "INVALID_REQUEST".to_owned(),
        "idempotency_in_flight" => "IN_FLIGHT".to_owned(),
        other => upper_snake(other),
    }
}
