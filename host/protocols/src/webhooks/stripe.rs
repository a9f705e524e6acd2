//! `POST /webhooks/stripe`: events of the merchant's Stripe account.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tracing::{info, warn};

use super::{answer, from_wire, untaken};
use crate::problem::Problem;
use crate::request::body_of;
use crate::settings::MerchantEdge;
use crate::signature;
use crate::state::Edges;
use tillhouse_checkout::unit::InboxEvent;

const SIGNATURE: &str = "stripe-signature";

pub(crate) async fn receive(
    State(edges): State<Edges>,
    Extension(merchant): Extension<Arc<MerchantEdge>>,
    request: Request,
) -> Response {
    answer(take(&edges, &merchant, request).await)
}

/// Check where an event comes from, keep it, and only then acknowledge it.
async fn take(edges: &Edges, merchant: &MerchantEdge, request: Request) -> Result<(), Problem> {
    let settings = merchant.stripe_events.as_ref().ok_or_else(Problem::nothing_here)?;
    let (head, body) = request.into_parts();
    let body = body_of(body, &edges.limits).await?;
    let now = edges.service.now();
    let header = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if let Err(error) = signature::verify(header.unwrap_or_default(), &body, &settings.secrets, now) {
        warn!(%error, "a Stripe event was refused");
        return Err(refused("invalid_signature", "the event is not signed as it must be"));
    }
    edges.in_service(merchant)?;
    let received = from_wire::event(&merchant.id, body, now);
    let received = received.ok_or_else(|| refused("invalid", "the body is not a Stripe event"))?;
    if received.livemode != settings.livemode {
        warn!(
            event.id = received.event.id,
            "a Stripe event of the other mode was refused"
        );
        let message = "live mode and test mode must not be mixed: see `livemode` of the merchant's Stripe account";
        return Err(refused("livemode_mismatch", message));
    }
    keep(edges, received.event).await
}

async fn keep(edges: &Edges, event: InboxEvent) -> Result<(), Problem> {
    let (id, kind) = (event.id.clone(), event.kind.clone());
    let fresh = edges.service.receive(event).await.map_err(|error| untaken(&error))?;
    match (fresh, kind.as_str()) {
        (false, _) => info!(event.id = id, "a Stripe event that was received before"),
        // Nothing to undo: a token is read again right before it is used (protocol reference §7.2).
        (true, "shared_payment.granted_token.deactivated") => {
            info!(event.id = id, "a shared payment token was deactivated");
        }
        (true, _) => info!(event.id = id, event.kind = kind, "a Stripe event was kept"),
    }
    Ok(())
}

/// The sender learns that it was refused, never how near it came.
fn refused(code: &str, message: &str) -> Problem {
    Problem::request(StatusCode::BAD_REQUEST, code, message).passing()
}
