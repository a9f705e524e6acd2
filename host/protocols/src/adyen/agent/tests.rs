//! The agent's dialect against a scripted service: wrong requests with their answers, and what a right one means to the domain.

mod completions;
mod discounts;
mod keys;
mod refusals;
mod requests;
mod sessions;
mod wrong_requests;

use std::sync::Arc;

use serde_json::Value;

use crate::testing::adyen::{adyen, assert_dialect, first_message};
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{TestResponse, host, send};

/// A body that a schema-free test writes as JSON.
fn post(path: &str, body: &Value) -> axum::http::Request<axum::body::Body> {
    adyen("POST", path, "", body.to_string())
}

/// The answer of a host whose service answers at once.
async fn answered(request: axum::http::Request<axum::body::Body>) -> TestResponse {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    send(&router, request).await
}

/// Assert status, code and path of an error in this dialect.
fn assert_error(answer: &TestResponse, status: u16, code: &str, path: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {:#}", answer.body);
    assert_dialect(answer);
    assert_eq!(first_message(answer), (code, path), "{what}: {:#}", answer.body);
}
