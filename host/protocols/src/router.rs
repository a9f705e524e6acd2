//! All routes of the public listener.

use std::time::Instant;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower::ServiceExt;
use tracing::Instrument;

use super::clip::clip;
use super::problem::Problem;
use super::settings::Limits;
use super::state::Edges;
use super::watch::Answered;

use super::{acp, headers, respond, stripe_acs, webhooks};

/// Header with the id of a request; the response echoes it, or has a generated one.
const REQUEST_ID: &str = "request-id";
/// Maximum length of a request id that is echoed, in bytes.
const MAX_REQUEST_ID: usize = 255;

const LIVEZ: &str = "/livez";
const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";

/// Whether this is the path of a health check, which is answered even when all connection slots are taken.
pub(crate) fn is_health(path: &str) -> bool {
    [LIVEZ, HEALTHZ, READYZ].contains(&path)
}

/// The router of the public listener: health checks, and every protocol of every merchant.
pub fn router(edges: Edges) -> Router {
    let merchant = merchant_routes().with_state(edges.clone());
    Router::new()
        // Liveness does not depend on the store: a restart would not fix it, so only readiness reports it.
        .route(LIVEZ, get(|| async { "ok\n" }))
        .route(HEALTHZ, get(|| async { "ok\n" }))
        .route(READYZ, get(ready))
        .with_state(edges.clone())
        .fallback(move |request: Request| front(edges.clone(), merchant.clone(), request))
}

/// The routes of one merchant, without the prefix `/m/{merchant}`.
fn merchant_routes() -> Router<Edges> {
    acp_routes()
        .merge(stripe_acs_routes())
        .merge(webhook_routes())
        .fallback(|| async { respond::refuse(&Problem::nothing_here()) })
        .method_not_allowed_fallback(method_not_allowed)
}

/// Routes of the Agentic Commerce Protocol: <https://www.agenticcommerce.dev>.
fn acp_routes() -> Router<Edges> {
    use acp::handlers::{Operation, create, retrieve, to};
    Router::new()
        .route("/checkout_sessions", post(create))
        .route("/checkout_sessions/{id}", get(retrieve).merge(to(Operation::Update)))
        .route("/checkout_sessions/{id}/complete", to(Operation::Complete))
        .route("/checkout_sessions/{id}/cancel", to(Operation::Cancel))
}

/// Routes of the Stripe Agentic Commerce Suite: <https://docs.stripe.com/agentic-commerce/for-sellers/custom>.
fn stripe_acs_routes() -> Router<Edges> {
    use stripe_acs::handlers::{Operation, create, retrieve, to};
    Router::new()
        .route("/agentic/checkouts", post(create))
        .route("/agentic/checkouts/{id}", get(retrieve).merge(to(Operation::Update)))
        .route("/agentic/checkouts/{id}/confirm", to(Operation::Confirm))
}

/// Webhook endpoints, for Stripe and the merchant's processor.
fn webhook_routes() -> Router<Edges> {
    Router::new()
        .route("/webhooks/stripe", post(webhooks::stripe::receive))
        .route("/webhooks/processor", post(webhooks::processor::receive))
}

async fn ready(State(edges): State<Edges>) -> Response {
    if edges.is_ready() {
        (StatusCode::OK, edges.readiness()).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// The 405 for a known path; axum adds the `Allow` header.
async fn method_not_allowed() -> Response {
    let message = "method not allowed; the Allow header lists the allowed methods";
    let problem = Problem::request(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
    let mut response = respond::refuse(&problem);
    response.headers_mut().remove(header::ALLOW);
    response
}

/// Assign a request id, check the limits, find the merchant, and run the request in a task of its own: a client that disconnects
/// does not cancel it, and a panic becomes a 500.
async fn front(edges: Edges, merchants: Router, request: Request) -> Response {
    let began = Instant::now();
    let asked = edges
        .watch
        .as_ref()
        .map(|_| (request.method().clone(), request.uri().path().to_owned()));
    let given = request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| id.len() <= MAX_REQUEST_ID);
    let id = given
        .cloned()
        .or_else(|| HeaderValue::try_from(edges.ids.next("req")).ok());
    let span = tracing::info_span!(
        "request",
        id = id.as_ref().and_then(|id| id.to_str().ok()),
        method = %clip(request.method().as_str()),
        path = %clip(request.uri().path()),
        merchant = tracing::field::Empty,
    );
    let mut response = match admit(&edges, request, &span) {
        Ok(request) => {
            let work = async move { merchants.oneshot(request).await.into_response() };
            let task = edges.tasks.spawn(work.instrument(span.clone()));
            task.await.unwrap_or_else(|error| {
                span.in_scope(|| tracing::error!("request failed: {error}"));
                respond::refuse(&Problem::internal())
            })
        }
        Err(problem) => respond::refuse(&problem),
    };
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), "answered"));
    if let (Some(watch), Some((method, path))) = (&edges.watch, &asked) {
        watch.answered(&Answered {
            method: method.as_str(),
            path,
            status: response.status().as_u16(),
            elapsed: began.elapsed(),
        });
    }
    if let Some(id) = id {
        response.headers_mut().insert(HeaderName::from_static(REQUEST_ID), id);
    }
    response
}

/// Check the request and prepare it for the merchant's routes: without prefix, and with the merchant as an extension.
fn admit(edges: &Edges, mut request: Request, span: &tracing::Span) -> Result<Request, Problem> {
    bounded(&request, &edges.limits)?;
    announced(&request, &edges.limits)?;
    headers::single_valued(request.headers())?;
    let prefixed = prefix(request.uri().path()).map(|(id, rest)| (id.to_owned(), rest.to_owned()));
    let merchant = match prefixed {
        Some((id, rest)) => {
            let uri = without_prefix(request.uri(), &rest).ok_or_else(Problem::nothing_here)?;
            *request.uri_mut() = uri;
            edges.merchant(&id)
        }
        None => host(&request).and_then(|host| edges.merchant_at(host)),
    };
    let merchant = merchant.ok_or_else(Problem::nothing_here)?;
    span.record("merchant", merchant.id.as_str());
    request.extensions_mut().insert(merchant);
    Ok(request)
}

/// Split `/m/{merchant}/rest` into the merchant and `/rest`.
fn prefix(path: &str) -> Option<(&str, &str)> {
    let (id, _) = path.strip_prefix("/m/")?.split_once('/')?;
    let rest = path.get("/m/".len() + id.len()..)?;
    Some((id, rest))
}

fn without_prefix(uri: &Uri, rest: &str) -> Option<Uri> {
    match uri.query() {
        Some(query) => format!("{rest}?{query}").parse().ok(),
        None => rest.parse().ok(),
    }
}

/// The host name of a request: that of an absolute request target takes precedence over `Host` (RFC 9112 §3.2.2).
fn host(request: &Request) -> Option<&str> {
    let target = request.uri().authority().map(|authority| authority.as_str());
    let field = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    target.or(field)
}

fn bounded(request: &Request, limits: &Limits) -> Result<(), Problem> {
    let refuse = |status, code, message: String| Err(Problem::request(status, code, message).passing());
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.uri {
        let message = format!("the path and query are longer than {} bytes", limits.uri);
        return refuse(StatusCode::URI_TOO_LONG, "uri_too_long", message);
    }
    let headers = request.headers();
    if headers.len() > limits.headers || size(headers) > limits.header_bytes {
        let message = format!(
            "more than {} header fields, or more than {} bytes of header fields in total",
            limits.headers, limits.header_bytes
        );
        return refuse(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            message,
        );
    }
    Ok(())
}

/// Refuse a body whose `Content-Length` is over the limit before reading it, so that `Expect: 100-continue` gets 413 at once.
fn announced(request: &Request, limits: &Limits) -> Result<(), Problem> {
    let limit = u64::try_from(limits.body).unwrap_or(u64::MAX);
    if request.body().size_hint().lower() > limit {
        return Err(Problem::body_too_large(limits.body));
    }
    Ok(())
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
