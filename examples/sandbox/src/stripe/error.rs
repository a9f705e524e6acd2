//! Errors of the Stripe simulator, in Stripe's envelope.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::answer::{JsonAnswer, Outcome};
use crate::idempotency::MAX_KEY_LENGTH;
use crate::pipeline::Dialect;

/// An error in Stripe's format: `{"error":{"type","code","message","param"}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StripeError {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// Stripe does not store an answer from before execution began: a corrected request may use the same key.
    before_execution: bool,
}

impl StripeError {
    fn new(status: StatusCode, kind: &'static str, message: String) -> Self {
        Self {
            status,
            kind,
            code: None,
            message,
            param: None,
            before_execution: false,
        }
    }

    fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// 400: a parameter is missing or malformed; the answer is not stored under the request's key.
    pub(crate) fn parameter(code: &'static str, param: &str, message: String) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
            .code(code)
            .param(param);
        Self {
            before_execution: true,
            ..error
        }
    }

    /// 400: the request is valid, but the object's state or limits do not allow it.
    pub(crate) fn refused(code: &'static str, param: &str, message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
            .code(code)
            .param(param)
    }

    /// 404 `resource_missing`: the object does not exist.
    pub(crate) fn missing(what: &str, id: &str, param: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            format!("No such {what}: '{id}'"),
        )
        .code("resource_missing")
        .param(param)
    }

    /// 401: no key, or an unknown one. The message does not repeat the key.
    pub(crate) fn unauthorized(given: bool) -> Self {
        let message = if given {
            "Invalid API Key provided. Use the secret key that the sandbox was started with."
        } else {
            "You did not provide an API key. Send it as the user name of Basic auth or as a Bearer token."
        };
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message.to_owned())
    }

    /// 400: the version has not the form of one.
    pub(crate) fn invalid_version(version: &str) -> Self {
        let message = format!("Invalid Stripe API version: {version}.");
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message);
        Self {
            before_execution: true,
            ..error
        }
    }

    /// 400: a parameter that the endpoint does not have, or not in this version.
    pub(crate) fn unknown_parameter(name: &str) -> Self {
        Self::parameter("parameter_unknown", name, format!("Received unknown parameter: {name}"))
    }

    /// 404 for a path that this simulator does not serve, or not in this version.
    pub(crate) fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    pub(crate) fn into_answer(self) -> JsonAnswer {
        let mut error = Map::new();
        error.insert("type".into(), self.kind.into());
        if let Some(code) = self.code {
            error.insert("code".into(), code.into());
        }
        error.insert("message".into(), self.message.into());
        if let Some(param) = self.param {
            error.insert("param".into(), param.into());
        }
        JsonAnswer::new(self.status, json!({ "error": error }))
    }
}

impl From<StripeError> for Outcome {
    fn from(error: StripeError) -> Self {
        let stored = !error.before_execution;
        Self {
            stored,
            ..Self::stored(error.into_answer())
        }
    }
}

impl IntoResponse for StripeError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// Converts the result of an operation for the pipeline.
pub(crate) fn outcome(result: Result<Value, StripeError>) -> Outcome {
    result.map_or_else(Outcome::from, |body| Outcome::stored(JsonAnswer::ok(body)))
}

/// Stripe's format for the answers of the pipeline.
#[derive(Debug)]
pub(crate) struct StripeDialect;

impl Dialect for StripeDialect {
    fn key_conflict(key: &str) -> JsonAnswer {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Try using a key other than '{key}' if you meant to execute a different request."
        );
        StripeError::new(StatusCode::BAD_REQUEST, "idempotency_error", message).into_answer()
    }

    fn key_in_flight(key: &str) -> JsonAnswer {
        let message = format!("There is currently another in-progress request using this idempotency key: '{key}'.");
        StripeError::new(StatusCode::CONFLICT, "idempotency_error", message)
            .code("idempotency_key_in_use")
            .into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        let message = format!("Idempotency keys may be at most {MAX_KEY_LENGTH} characters long.");
        StripeError::new(StatusCode::BAD_REQUEST, "invalid_request_error", message).into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = format!("Fault injected by a test: {status}.");
        if status == StatusCode::SERVICE_UNAVAILABLE {
            // Rejected before execution, so the answer is not stored.
            return Outcome::unstored(StripeError::new(status, "api_error", message).into_answer());
        }
        if status.is_server_error() {
            return StripeError::new(status, "api_error", message).into();
        }
        let code = if status == StatusCode::TOO_MANY_REQUESTS {
            "rate_limit"
        } else {
            "sandbox_fault"
        };
        Outcome::unstored(
            StripeError::new(status, "invalid_request_error", message)
                .code(code)
                .into_answer(),
        )
    }
}
