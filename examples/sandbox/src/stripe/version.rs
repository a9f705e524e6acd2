//! The `Stripe-Version` header: endpoints of a preview do not exist in other versions
//! (<https://docs.stripe.com/api/versioning>).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::StripeError;

/// The version with which Stripe documents shared payment tokens, and what payment records have for them.
const DOCUMENTED: &str = "2026-04-22";
const PREVIEW: &str = "preview";

/// Refuses requests in a version without the preview. Without the header the account's default applies, which has it.
pub(super) async fn check(request: Request, next: Next) -> Response {
    match refusal(&request) {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(request: &Request) -> Option<StripeError> {
    let header = request.headers().get("stripe-version")?;
    let version = header.to_str().unwrap_or_default();
    let (date, release) = match version.split(';').next().unwrap_or_default().split_once('.') {
        Some((date, release)) => (date, release),
        None => (version, ""),
    };
    let is_date = date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !is_date {
        return Some(StripeError::invalid_version(version));
    }
    if release == PREVIEW && date >= DOCUMENTED {
        return None;
    }
    let (method, path) = (request.method().as_str(), request.uri().path());
    if path.contains("/shared_payment/") {
        return Some(StripeError::unrecognized(method, path));
    }
    // Payment records exist in every version, but not what the report of a payment says of a token.
    path.ends_with("/report_payment")
        .then(|| StripeError::unknown_parameter("payment_method_details[shared_payment_granted_token]"))
}
