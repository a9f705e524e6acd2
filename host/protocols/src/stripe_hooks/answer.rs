//! What an approval came to.

use serde::Serialize;

use super::to_wire;
use crate::error_response::ErrorResponse;
use crate::request_observer::HookAnswer;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;

/// Longest reason of a decline, in characters.
const MAX_REASON: usize = 500;

/// An order that is declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decline {
    /// What the reason begins with.
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) answer: HookAnswer,
}

impl Decline {
    pub(super) fn of(code: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            reason: format!("{code}: {message}").chars().take(MAX_REASON).collect(),
            answer: HookAnswer::Declined,
        }
    }

    /// The decline that a refusal of the domain is; `None` if the merchant has not decided: Stripe may ask again.
    pub(super) fn of_refusal(error: &CheckoutError, response: &ErrorResponse) -> Option<Self> {
        if !response.status.is_client_error() || response.retry_after.is_some() {
            return None;
        }
        let answer = if is_about_stock(error, &response.code) {
            HookAnswer::OutOfStock
        } else {
            HookAnswer::Declined
        };
        // Neither the risk rules nor their reasons are told, and there is not a token to renew here.
        let message = match error {
            CheckoutError::Declined { .. } => "the merchant does not take this order",
            _ => &response.message,
        };
        Some(Self {
            answer,
            ..Self::of(code_of(error, response, answer), message)
        })
    }

    pub(super) fn reply(&self) -> Reply {
        ok(&to_wire::declined(&self.reason))
    }
}

/// A refusal for lack of stock says so, whatever the domain calls it.
fn code_of<'r>(error: &CheckoutError, response: &'r ErrorResponse, answer: HookAnswer) -> &'r str {
    match (error, answer) {
        (_, HookAnswer::OutOfStock) => "out_of_stock",
        (CheckoutError::NotReady(_), _) => "not_ready",
        (CheckoutError::Declined { .. }, _) => "declined",
        _ => &response.code,
    }
}

fn is_about_stock(error: &CheckoutError, code: &str) -> bool {
    let is_stock = |code: &str| matches!(code, "out_of_stock" | "low_stock" | "quantity_exceeded");
    match error {
        CheckoutError::OutOfStock | CheckoutError::NothingAvailable => true,
        CheckoutError::NotReady(messages) => messages
            .iter()
            .any(|message| message.code.as_deref().is_some_and(is_stock)),
        _ => is_stock(code),
    }
}

/// A 200 with a body.
pub(super) fn ok(body: &impl Serialize) -> Reply {
    Reply {
        status: 200,
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
}
