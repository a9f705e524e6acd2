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
use super::error_response::ErrorResponse;
use super::public_address::PublicAddress;
use super::request_observer::ObservedRequest;
use super::settings::Limits;
use super::state::AppState;

use super::{acp, adyen, headers, respond, stripe_acs, webhooks};

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
pub fn router(state: AppState) -> Router {
    let merchant = merchant_routes().with_state(state.clone());
    Router::new()
        // Liveness does not depend on the store: a restart would not fix it, so only readiness reports it.
        .route(LIVEZ, get(|| async { "ok\n" }))
        .route(HEALTHZ, get(|| async { "ok\n" }))
        .route(READYZ, get(ready))
        .with_state(state.clone())
        .fallback(move |request: Request| handle(state.clone(), merchant.clone(), request))
}

/// The routes of one merchant, without the prefix `/m/{merchant}`.
fn merchant_routes() -> Router<AppState> {
    acp_routes()
        .merge(stripe_acs_routes())
        .merge(adyen_agent_routes())
        .merge(adyen_merchant_routes())
        .merge(adyen_vault_routes())
        .merge(webhook_routes())
        .fallback(|uri: Uri| async move { error_at(uri.path(), ErrorResponse::route_not_found()) })
        .method_not_allowed_fallback(method_not_allowed)
}

/// Routes of the Agentic Commerce Protocol: <https://www.agenticcommerce.dev>.
fn acp_routes() -> Router<AppState> {
    use acp::handlers::{AcpOperation, create, retrieve, session_post};
    Router::new()
        .route("/.well-known/acp.json", get(acp::discovery::discover))
        .route("/mcp", post(acp::mcp::receive))
        .route("/carts", post(acp::carts::create))
        .route("/carts/{id}", get(acp::carts::retrieve).merge(acp::carts::replace()))
        .route("/carts/{id}/cancel", acp::carts::post(AcpOperation::CancelCart))
        .route(acp::delegate_payment::PATH, post(acp::delegate_payment::receive))
        .route("/checkout_sessions", post(create))
        .route(
            "/checkout_sessions/{id}",
            get(retrieve).merge(session_post(AcpOperation::Update)),
        )
        .route("/checkout_sessions/{id}/complete", session_post(AcpOperation::Complete))
        .route("/checkout_sessions/{id}/cancel", session_post(AcpOperation::Cancel))
}

/// Routes of the Stripe Agentic Commerce Suite: <https://docs.stripe.com/agentic-commerce/for-sellers/custom>.
fn stripe_acs_routes() -> Router<AppState> {
    use stripe_acs::handlers::{StripeOperation, create, retrieve, session_post};
    Router::new()
        .route("/agentic/checkouts", post(create))
        .route(
            "/agentic/checkouts/{id}",
            get(retrieve).merge(session_post(StripeOperation::Update)),
        )
        .route(
            "/agentic/checkouts/{id}/confirm",
            session_post(StripeOperation::Confirm),
        )
}

/// Routes of Adyen's agentic API, as agents call them.
fn adyen_agent_routes() -> Router<AppState> {
    use adyen::agent_handlers::{AgentOperation, create, retrieve, session_post};
    const SESSIONS: &str = "/commerce-suite/acp/v1/{company_account}/checkout_sessions";
    Router::new()
        .route(SESSIONS, post(create))
        .route(
            &format!("{SESSIONS}/{{id}}"),
            get(retrieve).merge(session_post(AgentOperation::Update)),
        )
        .route(
            &format!("{SESSIONS}/{{id}}/complete"),
            session_post(AgentOperation::Complete),
        )
        .route(
            &format!("{SESSIONS}/{{id}}/cancel"),
            session_post(AgentOperation::Cancel),
        )
}

/// Routes of Adyen's vault, to which the side of the agent delegates cards.
fn adyen_vault_routes() -> Router<AppState> {
    use adyen::delegate_payment::{PATH, receive};
    Router::new().route(PATH, post(receive))
}

/// Routes of the merchant's side, which Adyen calls.
fn adyen_merchant_routes() -> Router<AppState> {
    use adyen::merchant_handlers::{session, session_operation};
    Router::new()
        .route("/agentic/sessions/{id}", post(session))
        .route("/agentic/sessions/{id}/{operation}", post(session_operation))
}

/// Webhook endpoints, for Stripe, the merchant's processor and the merchant's own system.
fn webhook_routes() -> Router<AppState> {
    use webhooks::plugin::{self, ORDERS, PROCESSOR};
    Router::new()
        .route("/webhooks/stripe", post(webhooks::stripe::receive))
        .route("/webhooks/processor", plugin::post(&PROCESSOR))
        .route("/webhooks/orders", plugin::post(&ORDERS))
}

async fn ready(State(state): State<AppState>) -> Response {
    let status = match state.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, state.readiness()).into_response()
}

/// The 405 for a known path; axum adds the `Allow` header.
async fn method_not_allowed(uri: Uri) -> Response {
    let message = "method not allowed; the Allow header lists the allowed methods";
    let error_response = ErrorResponse::request(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
    let mut response = error_at(uri.path(), error_response);
    response.headers_mut().remove(header::ALLOW);
    response
}

/// An error to a request with this path, in the form of its protocol.
pub(crate) fn error_at(path: &str, error_response: ErrorResponse) -> Response {
    let path = prefix(path).map_or(path, |(_, rest)| rest);
    respond::from_error(&adyen::in_form_of(path, error_response))
}

/// Assign a request id, check the limits, find the merchant, and run the request in a task of its own: a client that disconnects
/// does not cancel it, and a panic becomes a 500.
async fn handle(state: AppState, merchants: Router, request: Request) -> Response {
    let began = Instant::now();
    let path = request.uri().path().to_owned();
    let asked = state
        .observer
        .as_ref()
        .map(|_| (request.method().clone(), path.clone()));
    let given = request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| id.len() <= MAX_REQUEST_ID && id.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)));
    let id = given
        .cloned()
        .or_else(|| HeaderValue::try_from(state.ids.next("req")).ok());
    let span = tracing::info_span!(
        "request",
        id = id.as_ref().and_then(|id| id.to_str().ok()),
        method = %clip(request.method().as_str()),
        path = %clip(request.uri().path()),
        merchant = tracing::field::Empty,
    );
    let mut response = match admit(&state, request, &span) {
        Ok(request) => {
            let work = async move { merchants.oneshot(request).await.into_response() };
            let task = state.tasks.spawn(work.instrument(span.clone()));
            task.await.unwrap_or_else(|error| {
                span.in_scope(|| tracing::error!("request failed: {error}"));
                error_at(&path, ErrorResponse::internal())
            })
        }
        Err(error_response) => error_at(&path, error_response),
    };
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), "answered"));
    if let (Some(watch), Some((method, path))) = (&state.observer, &asked) {
        watch.on_response(&ObservedRequest {
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
fn admit(state: &AppState, mut request: Request, span: &tracing::Span) -> Result<Request, ErrorResponse> {
    check_limits(&request, &state.limits)?;
    check_content_length(&request, &state.limits)?;
    headers::ensure_single_valued(request.headers())?;
    let prefixed = prefix(request.uri().path()).map(|(id, rest)| (id.to_owned(), rest.to_owned()));
    let name = host(&request).map(str::to_owned);
    let named = name.as_deref().and_then(|name| state.merchant_by_host(name));
    let path_prefix = prefixed.as_ref().map(|(id, _)| format!("/m/{id}"));
    let merchant = match prefixed {
        Some((id, rest)) => {
            let uri = without_prefix(request.uri(), &rest).ok_or_else(ErrorResponse::route_not_found)?;
            *request.uri_mut() = uri;
            state.merchant_by_id(&id)
        }
        None => named.clone(),
    };
    let merchant = merchant.ok_or_else(ErrorResponse::route_not_found)?;
    request.extensions_mut().insert(PublicAddress {
        authority: name.and_then(|name| name.parse().ok()),
        prefix: path_prefix.unwrap_or_default(),
        is_own_host: named.is_some_and(|named| named.id == merchant.id),
    });
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

fn check_limits(request: &Request, limits: &Limits) -> Result<(), ErrorResponse> {
    let refuse = |status, code, message: String| Err(ErrorResponse::request(status, code, message).not_recorded());
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.max_uri_bytes {
        let message = format!("the path and query are longer than {} bytes", limits.max_uri_bytes);
        return refuse(StatusCode::URI_TOO_LONG, "uri_too_long", message);
    }
    let headers = request.headers();
    if headers.len() > limits.max_headers || size(headers) > limits.max_header_bytes {
        let message = format!(
            "more than {} header fields, or more than {} bytes of header fields in total",
            limits.max_headers, limits.max_header_bytes
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
fn check_content_length(request: &Request, limits: &Limits) -> Result<(), ErrorResponse> {
    let limit = u64::try_from(limits.max_body_bytes).unwrap_or(u64::MAX);
    if request.body().size_hint().lower() > limit {
        return Err(ErrorResponse::body_too_large(limits.max_body_bytes));
    }
    Ok(())
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
