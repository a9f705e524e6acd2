//! Discovery: `/.well-known/acp.json`, which says what a merchant speaks (ACP RFC discovery, schema `DiscoveryResponse` of 2026-04-17).
//!
//! Needs no key. Everything in it is what the endpoints go by: the releases, the routes, the payment handler.

mod document;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::error_response::ErrorResponse;
use crate::public_address::PublicAddress;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use document::DiscoveryDocument;
use tillhouse_checkout::idempotency::Reply;

/// How long the document may be kept: the shortest time that the RFC recommends.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// `GET /.well-known/acp.json`.
pub(crate) async fn discover(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    Extension(address): Extension<PublicAddress>,
) -> Response {
    match document(&state, &merchant, &address) {
        Ok(body) => {
            let status = StatusCode::OK.as_u16();
            let mut response = respond::from_reply(Reply { status, body });
            response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
            response
        }
        Err(error_response) => respond::from_error(&error_response),
    }
}

fn document(state: &AppState, merchant: &MerchantSettings, address: &PublicAddress) -> Result<Vec<u8>, ErrorResponse> {
    let acp = merchant.acp.as_deref().ok_or_else(ErrorResponse::route_not_found)?;
    let configured = acp.services.public_url.clone();
    // A document without an address that can be trusted would send keys anywhere.
    let url = configured
        .or_else(|| address.url())
        .ok_or_else(ErrorResponse::route_not_found)?;
    state.ensure_in_service(merchant)?;
    let document = DiscoveryDocument::new(merchant, acp, &url);
    Ok(serde_json::to_vec(&document).unwrap_or_default())
}
