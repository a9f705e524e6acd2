//! `POST /webhooks/stripe`: webhook events of the merchant's Stripe account.

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
use tillhouse_checkout::inbox::InboxEvent;

const SIGNATURE: &str = "stripe-signature";

pub(crate) async fn receive(
    State(edges): State<Edges>,
    Extension(merchant): Extension<Arc<MerchantEdge>>,
    request: Request,
) -> Response {
    answer(take(&edges, &merchant, request).await)
}

/// Verify the signature of an event and store it; the acknowledgement follows only then.
async fn take(edges: &Edges, merchant: &MerchantEdge, request: Request) -> Result<(), Problem> {
    let settings = merchant.stripe_events.as_ref().ok_or_else(Problem::nothing_here)?;
    let (head, body) = request.into_parts();
    let body = body_of(body, &edges.limits).await?;
    let now = edges.service.now();
    let header = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if let Err(error) = signature::verify(header.unwrap_or_default(), &body, &settings.secrets, now) {
        warn!(%error, "rejected a Stripe event: signature verification failed");
        return Err(refused(
            "invalid_signature",
            "the signature of the event is missing or invalid",
        ));
    }
    edges.in_service(merchant)?;
    let received = from_wire::event(&merchant.id, body, now);
    let received = received.ok_or_else(|| refused("invalid", "the body is not a Stripe event"))?;
    if received.livemode != settings.livemode {
        warn!(
            event.id = received.event.id,
            "rejected a Stripe event: its livemode differs from the setting"
        );
        let message = "livemode mismatch: the event does not match `livemode` of the merchant's Stripe account";
        return Err(refused("livemode_mismatch", message));
    }
    keep(edges, received.event).await
}

async fn keep(edges: &Edges, event: InboxEvent) -> Result<(), Problem> {
    let (id, kind) = (event.id.clone(), event.kind.clone());
    let fresh = edges.service.receive(event).await.map_err(|error| untaken(&error))?;
    match (fresh, kind.as_str()) {
        (false, _) => info!(event.id = id, "ignored a duplicate Stripe event"),
        // No action needed: the state of a token is read again from Stripe right before it is used.
        (true, "shared_payment.granted_token.deactivated") => {
            info!(event.id = id, "a shared payment token was deactivated");
        }
        (true, _) => info!(event.id = id, event.kind = kind, "stored a Stripe event"),
    }
    Ok(())
}

/// A 400 that is not recorded. Its message gives no detail about which check failed how.
fn refused(code: &str, message: &str) -> Problem {
    Problem::request(StatusCode::BAD_REQUEST, code, message).passing()
}
