//! Errors of the Checkout API: `{"status", "errorCode", "message", "errorType"}`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer::{JsonAnswer, Outcome};
use crate::pipeline::Dialect;

/// The longest key; see <https://docs.adyen.com/development-resources/api-idempotency>.
pub(super) const MAX_KEY_LENGTH: usize = 64;

/// A refused request, with the number and the kind of its error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adyen) struct CheckoutError {
    status: StatusCode,
    code: &'static str,
    kind: &'static str,
    message: String,
}

impl CheckoutError {
    fn new(status: StatusCode, code: &'static str, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            kind,
            message: message.into(),
        }
    }

    pub(in crate::adyen) fn unauthorized() -> Self {
        let message = "HTTP Status Response - Unauthorized";
        Self::new(StatusCode::UNAUTHORIZED, "000", "security", message)
    }

    pub(super) fn invalid_account() -> Self {
        Self::new(StatusCode::FORBIDDEN, "901", "security", "Invalid Merchant Account")
    }

    pub(in crate::adyen) fn malformed() -> Self {
        let message = "The body is not a JSON object.";
        Self::new(StatusCode::BAD_REQUEST, "702", "validation", message)
    }

    pub(super) fn validation(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, "validation", message)
    }

    /// The token does not pay this: it is unknown, used, expired, or of another merchant.
    pub(super) fn token() -> Self {
        Self::validation("803", "PaymentDetail not found")
    }

    pub(super) fn unknown_payment() -> Self {
        Self::validation("167", "Original pspReference required for this operation")
    }

    /// The answer to a payment with the test card 4000000000000119.
    pub(super) fn internal() -> Self {
        let message = "An internal error occurred before the payment was made.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "905", "internal", message)
    }

    pub(in crate::adyen) fn into_answer(self) -> JsonAnswer {
        let body = json!({
            "status": self.status.as_u16(),
            "errorCode": self.code,
            "message": self.message,
            "errorType": self.kind,
        });
        JsonAnswer::new(self.status, body)
    }
}

impl From<CheckoutError> for Outcome {
    /// A refused request was not processed, so its key may be used again.
    fn from(error: CheckoutError) -> Self {
        Self::unstored(error.into_answer())
    }
}

impl IntoResponse for CheckoutError {
    fn into_response(self) -> Response {
        self.into_answer().into_response()
    }
}

/// The format of the Checkout API for the answers of the pipeline.
#[derive(Debug)]
pub(in crate::adyen) struct CheckoutDialect;

impl Dialect for CheckoutDialect {
    fn key_conflict(_: &str) -> JsonAnswer {
        CheckoutError::validation("704", "The Idempotency-Key was used with a different request").into_answer()
    }

    fn key_in_flight(_: &str) -> JsonAnswer {
        CheckoutError::validation("704", "request already processed or in progress").into_answer()
    }

    fn key_too_long() -> JsonAnswer {
        let message = format!("The Idempotency-Key may be at most {MAX_KEY_LENGTH} characters long");
        CheckoutError::validation("702", message).into_answer()
    }

    fn injected(status: u16) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = CheckoutError::new(status, "sandbox", "internal", "Fault injected by a test.");
        Outcome::unstored(error.into_answer())
    }
}
