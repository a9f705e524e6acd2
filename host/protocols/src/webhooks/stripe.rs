//! `POST /webhooks/stripe`: webhook events of the merchant's Stripe account.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tracing::{info, warn};

use super::from_wire::{self, ReceivedEvent};
use super::{acknowledge, not_accepted};
use crate::error_response::ErrorResponse;
use crate::request::read_body;
use crate::settings::MerchantSettings;
use crate::signature;
use crate::state::AppState;
use tillhouse_checkout::error::CheckoutError;

const SIGNATURE: &str = "stripe-signature";

pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    acknowledge(handle_event(&state, &merchant, request).await)
}

/// Verify the signature of an event and store it; the acknowledgement follows only then.
async fn handle_event(state: &AppState, merchant: &MerchantSettings, request: Request) -> Result<(), ErrorResponse> {
    let settings = merchant
        .stripe_events
        .as_ref()
        .ok_or_else(ErrorResponse::route_not_found)?;
    let (head, body) = request.into_parts();
    let body = read_body(body, &state.limits).await?;
    let now = state.service.now();
    let header = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if let Err(error) = signature::verify(header.unwrap_or_default(), &body, &settings.secrets, now) {
        warn!(%error, "rejected a Stripe event: signature verification failed");
        return Err(bad_request(
            "invalid_signature",
            "the signature of the event is missing or invalid",
        ));
    }
    state.ensure_in_service(merchant)?;
    let received = from_wire::event(&merchant.id, body, now);
    let received = received.ok_or_else(|| bad_request("invalid", "the body is not a Stripe event"))?;
    if received.livemode != settings.livemode {
        warn!(
            event.id = received.event.id,
            "rejected a Stripe event: its livemode differs from the setting"
        );
        let message = "livemode mismatch: the event does not match `livemode` of the merchant's Stripe account";
        return Err(bad_request("livemode_mismatch", message));
    }
    store(state, &received).await
}

/// Store an event. What it says of a token is stored first: once the event itself is stored, it is not sent again.
async fn store(state: &AppState, received: &ReceivedEvent) -> Result<(), ErrorResponse> {
    let (event, failed) = (&received.event, |error: CheckoutError| not_accepted(&error));
    if let Some(token) = &received.deactivated {
        let resolved_before = state.service.deactivate_token(event, token).await.map_err(failed)?;
        let effect = if resolved_before {
            "a payment that resolved it before is not affected"
        } else {
            "no payment will resolve it any more"
        };
        info!(
            event.id = event.id,
            reason = token.reason,
            effect,
            "a shared payment token was deactivated"
        );
    }
    if state.service.store_event(event.clone()).await.map_err(failed)? {
        info!(event.id = event.id, event.kind = event.kind, "stored a Stripe event");
    } else {
        info!(event.id = event.id, "ignored a duplicate Stripe event");
    }
    Ok(())
}

/// A 400 that is not recorded. Its message gives no detail about which check failed how.
fn bad_request(code: &str, message: &str) -> ErrorResponse {
    ErrorResponse::request(StatusCode::BAD_REQUEST, code, message).not_recorded()
}
