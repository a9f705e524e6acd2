//! `POST /webhooks/stripe`: webhook events of the merchant's Stripe account, and the hooks that it answers.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::Instant;
use tracing::{info, warn};

use super::from_wire::{self, ReceivedEvent};
use super::{acknowledge, not_accepted};
use crate::error_response::ErrorResponse;
use crate::request::read_body;
use crate::respond;
use crate::settings::{MerchantSettings, StripeEventSettings, StripeHookSettings};
use crate::signature;
use crate::state::AppState;
use crate::stripe_hooks;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::outside_payment::OutsideReport;
use tillhouse_checkout::time::Timestamp;

const SIGNATURE: &str = "stripe-signature";

pub(crate) async fn receive(
    State(state): State<AppState>,
    Extension(merchant): Extension<Arc<MerchantSettings>>,
    request: Request,
) -> Response {
    let arrived = Instant::now();
    let (head, body) = request.into_parts();
    let accepted = async {
        let secrets = Secrets::of(&merchant).ok_or_else(ErrorResponse::route_not_found)?;
        let body = read_body(body, &state.limits).await?;
        let header = head.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
        let signed = secrets.verify(header.unwrap_or_default(), &body, state.service.now())?;
        state.ensure_in_service(&merchant)?;
        Ok::<_, ErrorResponse>((signed, body))
    };
    match accepted.await {
        Err(refused) => respond::from_error(&refused),
        Ok((Signed::Hook(settings), body)) => {
            stripe_hooks::answer(&state, &merchant, settings, &head.headers, &body, arrived).await
        }
        Ok((Signed::Event(settings), body)) => acknowledge(handle_event(&state, &merchant, settings, body).await),
    }
}

/// Whose secrets there are.
struct Secrets<'m> {
    events: Option<&'m StripeEventSettings>,
    hooks: Option<&'m Arc<StripeHookSettings>>,
}

/// What a body is, whose signature is valid.
enum Signed<'m> {
    Event(&'m StripeEventSettings),
    Hook(&'m Arc<StripeHookSettings>),
}

impl<'m> Secrets<'m> {
    /// `None` for a merchant that takes neither events nor hooks.
    fn of(merchant: &'m MerchantSettings) -> Option<Self> {
        let (events, hooks) = (merchant.stripe_events.as_ref(), merchant.stripe_hooks.as_ref());
        (events.is_some() || hooks.is_some()).then_some(Self { events, hooks })
    }

    /// Verify the signature of a body with the secrets of what it is: those of events do not open hooks, and the other way round.
    fn verify(&self, header: &str, body: &[u8], now: Timestamp) -> Result<Signed<'m>, ErrorResponse> {
        let is_hook = stripe_hooks::is_hook(body);
        let (what, verified) = if is_hook {
            let secrets = self.hooks.map_or(&[][..], |hooks| &hooks.secrets);
            (
                "hook",
                signature::verify(header, body, secrets, now).map(|()| self.hooks.map(Signed::Hook)),
            )
        } else {
            let secrets = self.events.map_or(&[][..], |events| &events.secrets);
            (
                "event",
                signature::verify(header, body, secrets, now).map(|()| self.events.map(Signed::Event)),
            )
        };
        match verified {
            Ok(Some(signed)) => Ok(signed),
            Ok(None) => Err(ErrorResponse::route_not_found()),
            Err(error) => {
                warn!(what, %error, "rejected a message of Stripe: signature verification failed");
                let message = format!("the signature of the {what} is missing or invalid");
                Err(bad_request("invalid_signature", &message))
            }
        }
    }
}

/// Store an event whose signature is valid; the acknowledgement follows only then.
async fn handle_event(
    state: &AppState,
    merchant: &MerchantSettings,
    settings: &StripeEventSettings,
    body: Vec<u8>,
) -> Result<(), ErrorResponse> {
    let received = from_wire::event(&merchant.id, body, state.service.now());
    let received = received.ok_or_else(|| bad_request("invalid", "the body is not a Stripe event"))?;
    if received.livemode != settings.livemode {
        warn!(
            event.id = received.event.id,
            "rejected a Stripe event: its livemode differs from the setting"
        );
        let message = "livemode mismatch: the event does not match `livemode` of the merchant's Stripe account";
        return Err(bad_request("livemode_mismatch", message));
    }
    if let Some(hooks) = &merchant.stripe_hooks
        && let Some(report) = stripe_hooks::report(&received.event, &received.object, hooks)
    {
        return take(state, &received, report).await;
    }
    store(state, &received).await
}

/// Take an event about a checkout that Stripe runs. One that cannot be read is refused: it may be about money.
async fn take(
    state: &AppState,
    received: &ReceivedEvent,
    report: Result<OutsideReport, String>,
) -> Result<(), ErrorResponse> {
    let event = &received.event;
    let report = report.map_err(|why| {
        tracing::error!(
            event.id = event.id,
            event.kind = event.kind,
            why,
            "refused a Stripe event that cannot be read"
        );
        bad_request("invalid", &format!("the object of the event cannot be read: {why}"))
    })?;
    let taken = state.service.take_outside_report(event.clone(), report).await;
    let is_new = taken.map_err(|error| not_accepted(&error))?;
    info!(
        event.id = event.id,
        event.kind = event.kind,
        is_new,
        "took a Stripe event about a checkout"
    );
    Ok(())
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
    if let (Some(import), Some(feeds)) = (&received.import, &state.feeds) {
        let hurried = feeds.import_ended(&event.merchant, import).await;
        let is_ours = hurried.map_err(|error| failed(error.into()))?;
        info!(
            event.id = event.id,
            import, is_ours, "Stripe has worked on an import of a product feed"
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
