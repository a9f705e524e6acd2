//! Extraction of the parts of a request, within limits.

use std::error::Error;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::connections::Evicted;
use super::error_response::ErrorResponse;
use super::fields::Id;
use super::json::{self, BodyError, BodyErrorKind, JsonValue};
use super::respond;
use super::settings::Limits;
use tillhouse_checkout::ids::SessionId;

/// The session id in the path. Text that cannot be an id gets the same 404 as an unknown path.
#[derive(Debug)]
pub(crate) struct SessionPath(pub(crate) SessionId);

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| Id::try_from(text).ok());
        match id {
            Some(id) => Ok(Self(SessionId::new(id.0))),
            None => Err(respond::from_error(&ErrorResponse::route_not_found())),
        }
    }
}

/// Read the whole body.
///
/// # Errors
/// 413 over the size limit, 408 on timeout, 503 when the connection's slot is needed for another connection meanwhile, 400 when
/// the connection breaks.
pub(crate) async fn read_body(body: Body, limits: &Limits) -> Result<Vec<u8>, ErrorResponse> {
    let read = Limited::new(body, limits.max_body_bytes).collect();
    let Ok(read) = tokio::time::timeout(limits.body_timeout, read).await else {
        let seconds = limits.body_timeout.as_secs();
        let message = format!("timeout: the request body did not arrive within {seconds} seconds");
        return Err(ErrorResponse::request(StatusCode::REQUEST_TIMEOUT, "timeout", message).not_recorded());
    };
    match read {
        Ok(body) => Ok(body.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(ErrorResponse::body_too_large(limits.max_body_bytes)),
        Err(error) if is_evicted(&*error) => Err(ErrorResponse::busy(Evicted.to_string())),
        Err(_) => Err(
            ErrorResponse::request(StatusCode::BAD_REQUEST, "invalid", "failed to read the request body")
                .not_recorded(),
        ),
    }
}

/// Whether the connection lost its slot to another connection while the body was arriving.
fn is_evicted(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<Evicted>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The JSON of a body; `None` if the body is empty.
///
/// # Errors
/// 415 when the body is compressed or has another media type, 400 when it is not JSON. Neither is ever recorded under a key.
pub(crate) fn parse_json(headers: &HeaderMap, body: &[u8]) -> Result<Option<JsonValue>, ErrorResponse> {
    if body.is_empty() {
        return Ok(None);
    }
    let unsupported = |message| {
        ErrorResponse::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message).not_recorded()
    };
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity")
    {
        return Err(unsupported(
            "compressed request bodies are not supported; send the body without Content-Encoding",
        ));
    }
    if !headers.get(header::CONTENT_TYPE).is_none_or(is_json) {
        return Err(unsupported("send Content-Type: application/json"));
    }
    json::parse(body)
        .map(Some)
        .map_err(|error| ErrorResponse::from(error).not_recorded())
}

/// The body of an operation that requires one.
///
/// # Errors
/// When the body is empty.
pub(crate) fn require_body(body: Option<&JsonValue>) -> Result<&JsonValue, BodyError> {
    body.ok_or_else(|| BodyError::new(BodyErrorKind::Missing, "a JSON object is required as the body"))
}

fn is_json(value: &header::HeaderValue) -> bool {
    let media = value.to_str().unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
