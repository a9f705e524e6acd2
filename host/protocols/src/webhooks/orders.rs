//! `POST /webhooks/orders`: what the merchant's own system says of orders, which a plugin of the merchant verifies and parses.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tracing::{info, warn};

use super::processor::text_headers;
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
    match handle_notice(&state, &merchant, request).await {
        Ok(Some(reply)) => respond::from_webhook_reply(reply),
        Ok(None) => acknowledge(Ok(())),
        Err(error_response) => acknowledge(Err(error_response)),
    }
}

/// Have the plugin read the notice. Returns the response that the sender expects, if the plugin names one.
async fn handle_notice(
    state: &AppState,
    merchant: &MerchantSettings,
    request: Request,
) -> Result<Option<WebhookReply>, ErrorResponse> {
    state.ensure_in_service(merchant)?;
    let (head, body) = request.into_parts();
    let notice = ProcessorWebhook {
        headers: text_headers(&head.headers),
        body: read_body(body, &state.limits).await?,
    };
    match state.service.handle_order_notice(&merchant.id, notice).await {
        Ok(HandledWebhook { fresh, reply }) => {
            info!(fresh, "accepted a notice about orders");
            Ok(reply)
        }
        Err(CheckoutError::Rejected(rejection)) => {
            warn!(code = rejection.code, "rejected a notice about orders");
            let message = "the notice does not come from this merchant's own system";
            Err(ErrorResponse::request(StatusCode::BAD_REQUEST, "invalid_notice", message).not_recorded())
        }
        Err(error) => Err(not_accepted(&error)),
    }
}
