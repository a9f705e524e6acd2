//! Error responses: the flat error object of ACP (`type`, `code`, `message`, `param`), which the Stripe hooks use too.

mod checkout;
mod request_fields;

use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;

use super::json::{BodyError, BodyErrorKind};
use tillhouse_checkout::idempotency::Reply;

pub(crate) use checkout::{TIME_RETRY_AFTER, from_checkout_error};
pub(crate) use request_fields::{ChoiceMembers, RequestFields, RequestedLines};

/// `Retry-After` for a merchant that is out of service: long, because the operator has to fix something first.
const OUT_OF_SERVICE_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Added to the message of a response that is recorded: the request that mends it is another one, and needs a key of its own.
const KEPT: &str = "; this answer is kept under the Idempotency-Key: send a corrected request with a new one";

/// The `type` of an error object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorType {
    /// The client can fix the request.
    InvalidRequest,
    /// The idempotency key was used for another request; only in releases up to 2026-01-30.
    RequestNotIdempotent,
    /// The host failed, or the payment was declined.
    ProcessingError,
    /// Temporarily unavailable: the client should retry.
    ServiceUnavailable,
    /// The client calls too often; only for `delegate_payment`.
    RateLimitExceeded,
}

/// An error response: status, error object and response headers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) error_type: ErrorType,
    pub(crate) code: String,
    pub(crate) message: String,
    /// The field that the error is about, as a `JSONPath` into the request.
    pub(crate) param: Option<String>,
    /// Supported releases, newest first; empty except on version errors.
    pub(crate) supported_versions: &'static [&'static str],
    /// Value of `Retry-After`, rounded up to whole seconds.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the response asks for a bearer key in `WWW-Authenticate` (RFC 6750 §3). A missing signature has no such header,
    /// because a signature is not a registered authentication scheme.
    pub(crate) wants_bearer: bool,
    /// Whether a retry of the same request would get the same response, so that it may be recorded under its idempotency key.
    pub(crate) recordable: bool,
    /// The body of a protocol that has another form of errors; `None` for the error object.
    pub(crate) body: Option<Box<FormedBody>>,
}

/// A body in the form of one protocol. On the heap: errors are passed on by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormedBody(Vec<u8>);

#[derive(Serialize)]
struct Body<'a> {
    r#type: ErrorType,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    supported_versions: &'a [&'static str],
}

impl ErrorResponse {
    /// An `invalid_request` error that a retry would get again.
    pub(crate) fn request(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            error_type: ErrorType::InvalidRequest,
            code: code.to_owned(),
            message: message.into(),
            param: None,
            supported_versions: &[],
            retry_after: None,
            wants_bearer: false,
            recordable: true,
            body: None,
        }
    }

    /// A 500 without any detail: the cause is logged and not sent to the client.
    pub(crate) fn internal() -> Self {
        Self {
            error_type: ErrorType::ProcessingError,
            recordable: false,
            ..Self::request(
                StatusCode::INTERNAL_SERVER_ERROR,
                "processing_error",
                "internal error of the host",
            )
        }
    }

    /// A 503 because a service that the host needs does not respond; `Retry-After` is 1 second unless given.
    pub(crate) fn unavailable(retry_after: Option<Duration>) -> Self {
        Self {
            error_type: ErrorType::ServiceUnavailable,
            recordable: false,
            ..Self::request(
                StatusCode::SERVICE_UNAVAILABLE,
                "service_unavailable",
                "temporarily unavailable; retry later",
            )
        }
        .with_retry_after(retry_after.unwrap_or(Duration::from_secs(1)))
    }

    /// A 503 because a limit is reached; the message names it. `Retry-After` is 1 second.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::unavailable(None)
        }
    }

    /// A 413 for a body over the limit, by its `Content-Length` or by the bytes received.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("the request body is larger than {limit} bytes");
        Self::request(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message).not_recorded()
    }

    /// A 503 for a merchant that cannot be served until the operator has fixed something. The reason is public.
    pub(crate) fn out_of_service(reason: &str) -> Self {
        Self {
            message: format!(
                "this shop is out of service: {reason}; the operator of the shop must fix this; retry later"
            ),
            ..Self::unavailable(Some(OUT_OF_SERVICE_RETRY_AFTER))
        }
    }

    /// A 401 for a missing or unknown bearer key.
    pub(crate) fn unauthorized() -> Self {
        let message = "the Authorization header must carry a key of this merchant: Bearer <key>";
        Self {
            wants_bearer: true,
            ..Self::request(StatusCode::UNAUTHORIZED, "unauthorized", message).not_recorded()
        }
    }

    /// A 401 for a missing or invalid signature.
    pub(crate) fn bad_signature(message: String) -> Self {
        Self::request(StatusCode::UNAUTHORIZED, "invalid_signature", message).not_recorded()
    }

    /// A 404 for an unknown merchant, protocol or path; the response does not reveal which.
    pub(crate) fn route_not_found() -> Self {
        Self::not_found("not found: there is no resource at this URL").not_recorded()
    }

    /// A 404 with code `not_found`.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::request(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Set `param`, a `JSONPath` into the request.
    #[must_use]
    pub(crate) fn with_param(mut self, path: impl Into<String>) -> Self {
        self.param = Some(path.into());
        self
    }

    /// Set `Retry-After`; the response is not recorded, because a retry may get another one.
    #[must_use]
    pub(crate) fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self.recordable = false;
        self
    }

    /// Mark the response as not to be recorded under an idempotency key.
    #[must_use]
    pub(crate) fn not_recorded(mut self) -> Self {
        self.recordable = false;
        self
    }

    /// Set the body, in the form of another protocol.
    #[must_use]
    pub(crate) fn with_body(self, body: Vec<u8>) -> Self {
        Self {
            body: Some(Box::new(FormedBody(body))),
            ..self
        }
    }

    /// Tell the client that the response is recorded under its idempotency key, unless the message speaks of the key already. A body in
    /// another form stays as it is.
    #[must_use]
    pub(crate) fn kept(mut self) -> Self {
        if !self.message.contains("Idempotency-Key") {
            self.message.push_str(KEPT);
        }
        self
    }

    /// Set the `type` of the error object.
    #[must_use]
    pub(crate) fn with_type(mut self, kind: ErrorType) -> Self {
        self.error_type = kind;
        self
    }

    /// The status and the JSON body.
    pub(crate) fn reply(&self) -> Reply {
        let status = self.status.as_u16();
        if let Some(FormedBody(body)) = self.body.as_deref().cloned() {
            return Reply { status, body };
        }
        let body = Body {
            r#type: self.error_type,
            code: &self.code,
            message: &self.message,
            param: self.param.as_deref(),
            supported_versions: self.supported_versions,
        };
        Reply {
            status,
            body: serde_json::to_vec(&body).unwrap_or_default(),
        }
    }
}

impl From<BodyError> for ErrorResponse {
    fn from(error: BodyError) -> Self {
        let code = match error.kind {
            BodyErrorKind::Missing => "missing_required_field",
            BodyErrorKind::Unsupported => "unsupported",
            BodyErrorKind::PersonalData => "pii_not_allowed",
            BodyErrorKind::Malformed | BodyErrorKind::Unknown | BodyErrorKind::Invalid => "invalid",
        };
        let path = error.path();
        Self::request(StatusCode::BAD_REQUEST, code, format!("{path}: {}", error.message)).with_param(path)
    }
}
