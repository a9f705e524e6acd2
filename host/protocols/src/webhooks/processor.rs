//! `POST /webhooks/processor`: webhook events of the merchant's processor, which its plugin verifies and parses.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tracing::{info, warn};

use super::{answer, untaken};
use crate::problem::Problem;
use crate::request::body_of;
use crate::settings::MerchantEdge;
use crate::state::Edges;
use tillhouse_checkout::decision::ProcessorWebhook;
use tillhouse_checkout::error::CheckoutError;

pub(crate) async fn receive(
    State(edges): State<Edges>,
    Extension(merchant): Extension<Arc<MerchantEdge>>,
    request: Request,
) -> Response {
    answer(take(&edges, &merchant, request).await)
}

async fn take(edges: &Edges, merchant: &MerchantEdge, request: Request) -> Result<(), Problem> {
    edges.in_service(merchant)?;
    let (head, body) = request.into_parts();
    let webhook = ProcessorWebhook {
        headers: texts(&head.headers),
        body: body_of(body, &edges.limits).await?,
    };
    match edges.service.handle_webhook(&merchant.id, webhook).await {
        Ok(fresh) => {
            info!(fresh, "accepted a processor event");
            Ok(())
        }
        Err(CheckoutError::Rejected(rejection)) => {
            warn!(code = rejection.code, "rejected a processor event");
            let message = "the event does not come from this merchant's processor";
            Err(Problem::request(StatusCode::BAD_REQUEST, "invalid_notice", message).passing())
        }
        Err(error) => Err(untaken(&error)),
    }
}

/// The header fields as the plugin contract defines them, with names in lower case. Values that are not text are dropped; number
/// and size are already limited by the router.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
