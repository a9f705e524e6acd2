//! Answers of the agent API that are not a session: `messages[]`, as in every answer of this dialect.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{JsonAnswer, Outcome};
use crate::idempotency::MAX_KEY_LENGTH;
use crate::pipeline::Dialect;

/// One entry of `messages[]` with the type `error`.
pub(super) fn error(code: &str, content: &str) -> Value {
    json!({"type": "error", "code": code, "content": content, "content_type": "plain"})
}

/// A refused request: its status, its messages, and the unchanged session around them where there is one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    status: StatusCode,
    messages: Vec<Value>,
    session: Option<Value>,
    stored: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str, content: &str) -> Self {
        // A refusal for what the request asks is the answer to its key; one for its form or for the moment is not.
        let stored = matches!(status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT);
        Self {
            status,
            messages: vec![error(code, content)],
            session: None,
            stored,
        }
    }

    /// The merchant's own refusal, with its status and messages.
    pub(super) fn relayed(status: StatusCode, messages: Vec<Value>) -> Self {
        Self {
            messages,
            ..Self::new(status, "", "")
        }
    }

    /// Names the member of the request that is wrong.
    pub(super) fn at(mut self, path: &str) -> Self {
        if let Some(message) = self.messages.first_mut().and_then(Value::as_object_mut) {
            message.insert("path".into(), path.into());
        }
        self
    }

    /// Shows the session as it is, with these messages in place of its own.
    pub(super) fn with_session(self, session: Value) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    pub(super) fn missing(path: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "MISSING_FIELD",
            &format!("{path} is required."),
        )
        .at(path)
    }

    pub(super) fn invalid(path: &str, rule: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", &format!("{path} {rule}")).at(path)
    }

    pub(super) fn unauthorized() -> Self {
        let content = "Send the API key of the sandbox as a Bearer token.";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", content)
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "The session is unknown or has expired.",
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        let content = "This address does not take this method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", content)
    }

    pub(super) fn unsupported_media_type() -> Self {
        let content = "Send Content-Type: application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", content)
    }

    pub(super) fn rejected(code: &str, content: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, content)
    }

    pub(super) fn invalid_state(content: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "INVALID_STATE", content)
    }

    /// Another request works on the session: the same request may be sent again later.
    pub(super) fn in_flight() -> Self {
        let content = "The session is being paid; read it again later.";
        Self {
            stored: false,
            ..Self::new(StatusCode::CONFLICT, "IN_FLIGHT", content)
        }
    }

    /// The merchant gave no usable answer, so nothing was done.
    pub(super) fn unavailable(content: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "MERCHANT_UNAVAILABLE", content)
    }

    pub(super) fn into_answer(self) -> JsonAnswer {
        let mut body = self.session.unwrap_or_else(|| json!({}));
        if let Some(members) = body.as_object_mut() {
            members.insert("messages".into(), self.messages.into());
        }
        JsonAnswer::new(self.status, body)
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        let stored = refusal.stored;
        Self {
            stored,
            ..Self::stored(refusal.into_answer())
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// The format of the agent API for the answers of the pipeline.
#[derive(Debug)]
pub(super) struct MessagesDialect;

impl Dialect for MessagesDialect {
    const KEYS_PER_PATH: bool = true;

    fn key_conflict(_: &str) -> JsonAnswer {
        let content = "The Idempotency-Key was used with a different request; use a new key.";
        Refusal::rejected("IDEMPOTENCY_CONFLICT", content).into_answer()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        Refusal::in_flight().into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        let rule = format!("may be at most {MAX_KEY_LENGTH} characters long.");
        Refusal::invalid("Idempotency-Key", &rule).into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Outcome::unstored(Refusal::new(status, "SANDBOX_FAULT", "Fault injected by a test.").into_answer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_the_session_with_its_own_messages() {
        let session = json!({"id": "cs_1", "messages": [error("OLD", "An old one.")]});
        let refusal = Refusal::rejected("OUT_OF_STOCK", "The item is no longer available.").at("items[0]");
        let answer = refusal.with_session(session).into_answer();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["id"], "cs_1");
        let expected = json!([{
            "type": "error", "code": "OUT_OF_STOCK", "content": "The item is no longer available.",
            "content_type": "plain", "path": "items[0]",
        }]);
        assert_eq!(answer.body["messages"], expected);
    }

    #[test]
    fn only_a_refusal_of_what_is_asked_belongs_to_its_key() {
        let stored = |refusal: Refusal| Outcome::from(refusal).stored;
        assert!(stored(Refusal::rejected("PRICE_MISMATCH", "x")) && stored(Refusal::invalid_state("x")));
        assert!(!stored(Refusal::missing("items")) && !stored(Refusal::in_flight()));
        assert!(!stored(Refusal::unavailable("x")) && !stored(Refusal::not_found()));
    }
}
