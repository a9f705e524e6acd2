//! The `Stripe-Version` that the endpoints of feeds ask for.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::v2_error::V2Error;
use crate::stripe::error::StripeError;

/// Import sets are in a beta of the seed's version, or in a preview.
const BETA: &str = "udap_beta=v1";
/// The first preview that was seen with either way.
const FIRST_PREVIEW: &str = "2025-12-15";
/// The first released version whose reference has imports of a catalog.
const FIRST_RELEASED: &str = "2026-06-24";

/// Import sets do not exist for a request without the preview.
pub(super) async fn check_beta(request: Request, next: Next) -> Response {
    let version = header(&request).unwrap_or_default();
    let is_beta = version.split(';').skip(1).any(|part| part.trim() == BETA);
    if is_beta || is_preview(version) {
        return next.run(request).await;
    }
    StripeError::unrecognized(request.method().as_str(), request.uri().path()).into_response()
}

/// Every request of v2 names a version, and imports do not exist in older ones.
pub(super) async fn check_v2(request: Request, next: Next) -> Response {
    let Some(version) = header(&request) else {
        return V2Error::invalid("Every request of the v2 API must have a Stripe-Version.".to_owned()).into_response();
    };
    if is_preview(version) || date(version) >= FIRST_RELEASED {
        return next.run(request).await;
    }
    let (method, path) = (request.method(), request.uri().path());
    let message = format!("Unrecognized request URL ({method}: {path}) in version {version}.");
    V2Error::new(axum::http::StatusCode::NOT_FOUND, "not_found", message).into_response()
}

fn header(request: &Request) -> Option<&str> {
    request.headers().get("stripe-version")?.to_str().ok()
}

fn date(version: &str) -> &str {
    version.split(['.', ';']).next().unwrap_or_default()
}

fn is_preview(version: &str) -> bool {
    let release = version.split(';').next().unwrap_or_default();
    release.ends_with(".preview") && date(version) >= FIRST_PREVIEW
}
