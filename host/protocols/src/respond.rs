//! HTTP responses from recorded replies and errors.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::exchange::Answered;
use super::idempotency::{KEY, REPLAYED};
use super::problem::Problem;
use tillhouse_checkout::idempotency::Reply;

/// The response to a POST. Echoes the idempotency key, and marks a replay.
pub(crate) fn answer(request: &HeaderMap, answered: Answered) -> Response {
    let mut response = match answered {
        Answered::Fresh(reply) => of_reply(reply),
        Answered::Replayed(reply) => {
            let mut response = of_reply(reply);
            set(&mut response, HeaderName::from_static(REPLAYED), "true");
            response
        }
        Answered::Refused(problem) => refuse(&problem),
    };
    if let Some(key) = request.get(KEY) {
        response.headers_mut().insert(HeaderName::from_static(KEY), key.clone());
    }
    response
}

/// A response with this status and JSON body, not to be cached.
pub(crate) fn of_reply(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, header::CONTENT_TYPE, "application/json");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // RFC 9110 §15.5.6 requires `Allow`. A completed or canceled checkout can only be retrieved.
        set(&mut response, header::ALLOW, Method::GET.as_str());
    }
    response
}

/// An error response, with `WWW-Authenticate` and `Retry-After` where they apply.
pub(crate) fn refuse(problem: &Problem) -> Response {
    let mut response = of_reply(problem.reply());
    if problem.wants_bearer {
        set(&mut response, header::WWW_AUTHENTICATE, "Bearer");
    }
    if let Some(after) = problem.retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    if problem.status == StatusCode::PAYLOAD_TOO_LARGE {
        // The rest of the body is not read, so the connection cannot be reused.
        set(&mut response, header::CONNECTION, "close");
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
