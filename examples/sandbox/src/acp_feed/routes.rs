//! The routes of the Feed API.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{FeedDialect, invalid, invalid_country, unknown_feed};
use super::feeds::{Feeds, Upsert};
use super::product::Product;
use super::{API_VERSION, FeedServerState, Operation};
use crate::acp_error::AcpError;
use crate::answer::{JsonAnswer, Outcome};
use crate::auth::bearer;
use crate::incoming_request::IncomingRequest;
use crate::sync::lock;

type Shared = State<Arc<FeedServerState>>;

pub(super) fn router(state: Arc<FeedServerState>) -> Router {
    Router::new()
        .route("/feeds", post(create))
        .route("/feeds/{id}", get(retrieve))
        .route("/feeds/{id}/products", get(products).patch(upsert))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), admit))
        .route("/sandbox/ledger", get(ledger))
        .with_state(state)
}

/// Checks key and release.
async fn admit(State(state): Shared, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if bearer(headers).as_deref() != Some(state.api_key.reveal()) {
        return AcpError::new(StatusCode::UNAUTHORIZED, "unauthorized", "invalid API key").into_response();
    }
    let version = headers.get("api-version").and_then(|value| value.to_str().ok());
    if version != Some(API_VERSION) {
        let message = format!("send API-Version: {API_VERSION}");
        return AcpError::new(StatusCode::BAD_REQUEST, "invalid_api_version", message).into_response();
    }
    next.run(request).await
}

async fn ledger(State(state): Shared) -> JsonAnswer {
    JsonAnswer::ok(lock(&state.feeds).to_json())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    target_country: Option<String>,
}

async fn create(State(state): Shared, incoming: IncomingRequest) -> Response {
    let shared = Arc::clone(&state);
    let work = move |incoming: &Parts| {
        let body: CreateBody = serde_json::from_slice(&incoming.body)
            .map_err(|error| AcpError::new(StatusCode::BAD_REQUEST, "invalid_request", error.to_string()))?;
        let is_code = |country: &String| country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        if body.target_country.as_ref().is_some_and(|country| !is_code(country)) {
            return Err(invalid_country());
        }
        let now = shared.pipeline.clock.now();
        let request = serde_json::from_slice(&incoming.body).unwrap_or_default();
        let metadata = lock(&shared.feeds).create(request, body.target_country, now);
        Ok(JsonAnswer::new(StatusCode::CREATED, metadata))
    };
    write(state, Operation::CreateFeed, incoming, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpsertBody {
    products: Vec<Value>,
}

async fn upsert(State(state): Shared, Path(id): Path<String>, incoming: IncomingRequest) -> Response {
    let shared = Arc::clone(&state);
    let work = move |incoming: &Parts| {
        let body: UpsertBody =
            serde_json::from_slice(&incoming.body).map_err(|error| invalid("products", error.to_string()))?;
        if body.products.is_empty() {
            return Err(invalid("products", "products must contain at least one valid Product"));
        }
        let read = body.products.into_iter().enumerate();
        let products = read.map(|(index, product)| Product::read(index, product));
        let products = products.collect::<Result<Vec<Product>, AcpError>>()?;
        let refused = lock(&shared.refused_products);
        if let Some(at) = products.iter().position(|product| refused.contains(&product.id())) {
            return Err(invalid(
                &format!("$.products[{at}].title"),
                "this agent does not list such products",
            ));
        }
        drop(refused);
        let mut feeds = lock(&shared.feeds);
        let feed = feeds.find(&id).ok_or_else(unknown_feed)?;
        if shared.refuses_upserts.load(Ordering::SeqCst) {
            return Ok(JsonAnswer::ok(json!({"id": feed.id, "accepted": false})));
        }
        let upsert = Upsert {
            key: incoming.key.clone(),
            products: products.iter().map(Product::id).collect(),
            body: serde_json::from_slice(&incoming.body).unwrap_or_default(),
            bytes: incoming.body.len(),
        };
        let assign = shared.assigns_update_ids.load(Ordering::SeqCst);
        let now = shared.pipeline.clock.now();
        Ok(JsonAnswer::ok(Feeds::upsert(feed, products, upsert, assign, now)))
    };
    write(state, Operation::UpsertProducts, incoming, work).await
}

async fn retrieve(State(state): Shared, Path(id): Path<String>, incoming: IncomingRequest) -> Response {
    let answer = || {
        let mut feeds = lock(&state.feeds);
        feeds
            .find(&id)
            .map_or_else(|| unknown_feed().into(), |feed| JsonAnswer::ok(feed.metadata()))
    };
    let pipeline = &state.pipeline;
    pipeline
        .read::<FeedDialect, _>(Operation::RetrieveFeed, &incoming, answer)
        .await
}

async fn products(State(state): Shared, Path(id): Path<String>, incoming: IncomingRequest) -> Response {
    let answer = || {
        let mut feeds = lock(&state.feeds);
        let found = feeds.find(&id).map(|feed| json!({"products": feed.products}));
        found.map_or_else(|| unknown_feed().into(), JsonAnswer::ok)
    };
    let pipeline = &state.pipeline;
    pipeline
        .read::<FeedDialect, _>(Operation::RetrieveProducts, &incoming, answer)
        .await
}

/// What a write reads of its request.
struct Parts {
    body: axum::body::Bytes,
    key: Option<String>,
}

async fn write(
    state: Arc<FeedServerState>,
    operation: Operation,
    incoming: IncomingRequest,
    answer: impl FnOnce(&Parts) -> Result<JsonAnswer, AcpError> + Send + 'static,
) -> Response {
    let parts = Parts {
        body: incoming.body.clone(),
        key: incoming.idempotency_key().map(str::to_owned),
    };
    let fingerprint = String::from_utf8_lossy(&parts.body).into_owned();
    let work = async move {
        match answer(&parts) {
            Ok(answer) => Outcome::stored(answer),
            Err(error) => Outcome::unstored(error.into()),
        }
    };
    Arc::clone(&state.pipeline)
        .write::<FeedDialect, _>(operation, incoming, fingerprint, work)
        .await
}
