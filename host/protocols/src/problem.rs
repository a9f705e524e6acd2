//! An error answer: the flat error object of ACP, which the Stripe edge shares (protocol reference §1.1, §5.2).

mod checkout;

use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;

use super::json::{Fault, FaultKind};
use tillhouse_checkout::unit::Reply;

pub(crate) use checkout::{Fields, of_checkout};

/// When to ask for a shop again that is out of service: a person has to do something, and it may be tried for days.
const OUT_OF_SERVICE: Duration = Duration::from_secs(60);

/// The `type` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The caller can mend it.
    InvalidRequest,
    /// The key was used for another request; releases up to 2026-01-30 only.
    RequestNotIdempotent,
    /// It went wrong here, or the payment did.
    ProcessingError,
    /// Try again later.
    ServiceUnavailable,
}

/// An error answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) kind: Kind,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Which field, as a `JSONPath` into the request.
    pub(crate) param: Option<String>,
    /// Releases to choose from, newest first; on version errors only.
    pub(crate) supported_versions: &'static [&'static str],
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
    /// Whether a bearer key is what is missing (RFC 6750 §3). A signature is no authentication scheme that could be named.
    pub(crate) wants_bearer: bool,
    /// Whether the same request would meet the same answer, so that it may be recorded under its key.
    pub(crate) lasting: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: Kind,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    supported_versions: &'a [&'static str],
}

impl Problem {
    /// An error of the caller that would be the same the next time.
    pub(crate) fn request(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: Kind::InvalidRequest,
            code: code.to_owned(),
            message: message.into(),
            param: None,
            supported_versions: &[],
            retry_after: None,
            wants_bearer: false,
            lasting: true,
        }
    }

    /// An error of ours. The caller learns nothing but that it is ours.
    pub(crate) fn internal() -> Self {
        Self {
            kind: Kind::ProcessingError,
            lasting: false,
            ..Self::request(
                StatusCode::INTERNAL_SERVER_ERROR,
                "processing_error",
                "something went wrong on our side",
            )
        }
    }

    /// Something that is needed does not answer.
    pub(crate) fn unavailable(retry_after: Option<Duration>) -> Self {
        Self {
            kind: Kind::ServiceUnavailable,
            lasting: false,
            ..Self::request(
                StatusCode::SERVICE_UNAVAILABLE,
                "service_unavailable",
                "temporarily unavailable; try again",
            )
        }
        .retry(retry_after.unwrap_or(Duration::from_secs(1)))
    }

    /// There is no room now; the message says which. Worth another try at once, but not by everybody at the same moment.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::unavailable(None)
        }
    }

    /// The body is larger than is read, or says that it is.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::request(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message).passing()
    }

    /// The merchant cannot be served until its operator has corrected something. The reason is one that strangers may read.
    pub(crate) fn out_of_service(reason: &str) -> Self {
        Self {
            message: format!(
                "this shop is out of service: {reason}; its operator has to correct that, try again later"
            ),
            ..Self::unavailable(Some(OUT_OF_SERVICE))
        }
    }

    /// No good key.
    pub(crate) fn unauthorized() -> Self {
        let message = "the Authorization header must carry a key of this merchant: Bearer <key>";
        Self {
            wants_bearer: true,
            ..Self::request(StatusCode::UNAUTHORIZED, "unauthorized", message).passing()
        }
    }

    /// No good signature.
    pub(crate) fn unsigned(message: String) -> Self {
        Self::request(StatusCode::UNAUTHORIZED, "invalid_signature", message).passing()
    }

    /// No such merchant, protocol or path; which of them is not told.
    pub(crate) fn nothing_here() -> Self {
        Self::not_found("there is nothing at this address").passing()
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::request(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// With the field that it is about.
    #[must_use]
    pub(crate) fn param(mut self, path: impl Into<String>) -> Self {
        self.param = Some(path.into());
        self
    }

    /// With a time to try again, which also says that the next answer may be another.
    #[must_use]
    pub(crate) fn retry(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self.lasting = false;
        self
    }

    /// Not to be recorded.
    #[must_use]
    pub(crate) fn passing(mut self) -> Self {
        self.lasting = false;
        self
    }

    /// Of that type.
    #[must_use]
    pub(crate) fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Status and body.
    pub(crate) fn reply(&self) -> Reply {
        let body = Body {
            r#type: self.kind,
            code: &self.code,
            message: &self.message,
            param: self.param.as_deref(),
            supported_versions: self.supported_versions,
        };
        Reply {
            status: self.status.as_u16(),
            body: serde_json::to_vec(&body).unwrap_or_default(),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let code = match fault.kind {
            FaultKind::Missing => "missing_required_field",
            FaultKind::Unsupported => "unsupported",
            FaultKind::Malformed | FaultKind::Unknown | FaultKind::Invalid => "invalid",
        };
        let path = fault.path();
        Self::request(StatusCode::BAD_REQUEST, code, format!("{path}: {}", fault.message)).param(path)
    }
}
