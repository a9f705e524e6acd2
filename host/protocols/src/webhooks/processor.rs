//! `POST /webhooks/processor`: webhook events of the merchant's processor, which its plugin verifies and parses.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tracing::{info, warn};

use super::{acknowledge, not_accepted};
use crate::error_response::ErrorResponse;
use crate::request::read_body;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::decision::{ProcessorWebhook, WebhookReply};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::HandledWebhook;

pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    match handle_event(&state, &merchant, request).await {
        Ok(Some(reply)) => respond::from_webhook_reply(reply),
        Ok(None) => acknowledge(Ok(())),
        Err(error_response) => acknowledge(Err(error_response)),
    }
}

/// Have the plugin read the event. Returns the response that the processor expects, if the plugin names one.
async fn handle_event(
    state: &AppState,
    merchant: &MerchantSettings,
    request: Request,
) -> Result<Option<WebhookReply>, ErrorResponse> {
    state.ensure_in_service(merchant)?;
    let (head, body) = request.into_parts();
    let webhook = ProcessorWebhook {
        headers: text_headers(&head.headers),
        body: read_body(body, &state.limits).await?,
    };
    match state.service.handle_webhook(&merchant.id, webhook).await {
        Ok(HandledWebhook { fresh, reply }) => {
            info!(fresh, "accepted a processor event");
            Ok(reply)
        }
        Err(CheckoutError::Rejected(rejection)) => {
            warn!(code = rejection.code, "rejected a processor event");
            let message = "the event does not come from this merchant's processor";
            Err(ErrorResponse::request(StatusCode::BAD_REQUEST, "invalid_notice", message).not_recorded())
        }
        Err(error) => Err(not_accepted(&error)),
    }
}

/// The header fields as the plugin contract defines them, with names in lower case. Values that are not text are dropped; number
/// and size are already limited by the router.
pub(super) fn text_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
