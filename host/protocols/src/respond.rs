//! HTTP responses from recorded replies and errors.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::error_response::ErrorResponse;
use super::idempotency::{KEY_HEADER, REPLAYED_HEADER};
use super::idempotent_post::PostOutcome;
use tillhouse_checkout::decision::WebhookReply;
use tillhouse_checkout::idempotency::Reply;

/// The response to a POST. Echoes the idempotency key, and marks a replay.
pub(crate) fn from_post_outcome(request: &HeaderMap, answered: PostOutcome) -> Response {
    let mut response = match answered {
        PostOutcome::Fresh(reply) => from_reply(reply),
        PostOutcome::Replayed(reply) => {
            let mut response = from_reply(reply);
            set(&mut response, HeaderName::from_static(REPLAYED_HEADER), "true");
            response
        }
        PostOutcome::Refused(error_response) => from_error(&error_response),
    };
    if let Some(key) = request.get(KEY_HEADER) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(KEY_HEADER), key.clone());
    }
    response
}

/// A response with this status and JSON body, not to be cached.
pub(crate) fn from_reply(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if response.status() != StatusCode::NO_CONTENT {
        set(&mut response, header::CONTENT_TYPE, "application/json");
    }
    set(&mut response, header::CACHE_CONTROL, "no-store");
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // RFC 9110 §15.5.6 requires `Allow`. A completed or canceled checkout can only be retrieved.
        set(&mut response, header::ALLOW, Method::GET.as_str());
    }
    response
}

/// The response that a plugin chose for the sender of a webhook, not to be cached.
pub(crate) fn from_webhook_reply(reply: WebhookReply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    // The runtime has checked status and media type; the event is accepted whatever they are.
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    if let Ok(media_type) = HeaderValue::try_from(reply.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// The response to a request that is refused.
pub(crate) fn from_error(error_response: &ErrorResponse) -> Response {
    let mut response = from_reply(error_response.reply());
    set_error_headers(&mut response, error_response.wants_bearer, error_response.retry_after);
    response
}

/// Set the headers of an error response that its body does not say: `WWW-Authenticate`, `Retry-After` in whole seconds, and the end of the
/// connection after a body that is too large.
pub(crate) fn set_error_headers(response: &mut Response, wants_bearer: bool, retry_after: Option<Duration>) {
    if wants_bearer {
        set(response, header::WWW_AUTHENTICATE, "Bearer");
    }
    if let Some(after) = retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        // The rest of the body is not read, so the connection cannot be reused.
        set(response, header::CONNECTION, "close");
    }
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
