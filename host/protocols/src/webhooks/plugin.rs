//! Webhooks that a plugin of the merchant verifies and parses: those of its processor, and what its own system says of orders.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::routing::{self, MethodRouter};
use tracing::{info, warn};

use super::{acknowledge, not_accepted};
use crate::error_response::ErrorResponse;
use crate::request::read_body;
use crate::respond;
use crate::settings::MerchantSettings;
use crate::state::AppState;
use tillhouse_checkout::decision::{ProcessorWebhook, Rejection, WebhookReply};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::operation::{CheckoutOperations, HandledWebhook};

/// The code with which a plugin rejects a notice without a valid signature (`wit/README.md`).
const FORGED: &str = "forged";

type Handled<'a> = Pin<Box<dyn Future<Output = Result<HandledWebhook, CheckoutError>> + Send + 'a>>;

/// The webhooks of one sender.
#[derive(Debug)]
pub(crate) struct PluginWebhooks {
    /// What a log calls one of them.
    name: &'static str,
    /// What the sender of a rejected one is told.
    rejected: &'static str,
    handle: for<'a> fn(&'a dyn CheckoutOperations, &'a MerchantId, ProcessorWebhook) -> Handled<'a>,
}

/// `POST /webhooks/processor`: events of the merchant's processor.
pub(crate) const PROCESSOR: PluginWebhooks = PluginWebhooks {
    name: "processor event",
    rejected: "the event does not come from this merchant's processor",
    handle: |service, merchant, webhook| service.handle_webhook(merchant, webhook),
};

/// `POST /webhooks/orders`: what the merchant's own system says of orders.
pub(crate) const ORDERS: PluginWebhooks = PluginWebhooks {
    name: "notice about orders",
    rejected: "the notice does not come from this merchant's own system",
    handle: |service, merchant, webhook| service.handle_order_notice(merchant, webhook),
};

/// The POST route of these webhooks.
pub(crate) fn post(webhooks: &'static PluginWebhooks) -> MethodRouter<AppState> {
    routing::post(
        move |State(state): State<AppState>,
              Extension(merchant): Extension<Arc<MerchantSettings>>,
              request: Request| async move {
            match webhooks.receive(&state, &merchant, request).await {
                Ok(Some(reply)) => respond::from_webhook_reply(reply),
                Ok(None) => acknowledge(Ok(())),
                Err(error_response) => acknowledge(Err(error_response)),
            }
        },
    )
}

impl PluginWebhooks {
    /// Have the plugin read a webhook. Returns the response that the sender expects, if the plugin names one.
    async fn receive(
        &self,
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
        match (self.handle)(&*state.service, &merchant.id, webhook).await {
            Ok(HandledWebhook { fresh, reply }) => {
                info!(fresh, "accepted a {}", self.name);
                Ok(reply)
            }
            Err(CheckoutError::Rejected(rejection)) => {
                warn!(code = rejection.code, "rejected a {}", self.name);
                let (status, code) = answer_to_rejected(&rejection);
                Err(ErrorResponse::request(status, code, self.rejected).not_recorded())
            }
            Err(error) => Err(not_accepted(&error)),
        }
    }
}

/// Status and code of the response to a notice that the plugin rejects: only the plugin knows whether it is genuine.
fn answer_to_rejected(rejection: &Rejection) -> (StatusCode, &'static str) {
    match rejection.code.as_str() {
        FORGED => (StatusCode::UNAUTHORIZED, "forged_notice"),
        _ => (StatusCode::BAD_REQUEST, "invalid_notice"),
    }
}

/// The header fields as the plugin contract defines them, with names in lower case. Values that are not text are dropped; number
/// and size are already limited by the router.
fn text_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text =
        |(name, value): (&HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    headers.iter().filter_map(text).collect()
}
