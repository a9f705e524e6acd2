//! Observers of requests: called for each request after its response is ready.

use std::fmt;
use std::time::Duration;

use tillhouse_checkout::ids::MerchantId;

/// An observer of the requests of the public listener. Called from the task of the request, so it must not block.
pub trait RequestObserver: Send + Sync + fmt::Debug {
    /// Called when the response is ready, before it is written.
    fn on_response(&self, request: &ObservedRequest<'_>);

    /// Called when a hook of Stripe is decided, once: a repeated answer is not observed again.
    fn on_hook(&self, hook: &ObservedHook<'_>) {
        let _ = hook;
    }
}

/// A decided hook of Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservedHook<'a> {
    /// Merchant that was asked.
    pub merchant: &'a MerchantId,
    /// `type` of the hook.
    pub hook: &'static str,
    /// What it was answered.
    pub answer: HookAnswer,
}

/// How a hook of Stripe was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookAnswer {
    /// An order was approved.
    Approved,
    /// An order was declined for lack of stock, or a product is not in stock.
    OutOfStock,
    /// An order was declined for another reason.
    Declined,
    /// A question was answered.
    Answered,
    /// The hook was refused, or not answered in time: Stripe declines.
    Failed,
}

impl HookAnswer {
    /// The name in logs and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::OutOfStock => "out_of_stock",
            Self::Declined => "declined",
            Self::Answered => "answered",
            Self::Failed => "failed",
        }
    }
}

/// Method, path and result of a request, without headers and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservedRequest<'a> {
    /// HTTP method as received: `GET`, `POST`.
    pub method: &'a str,
    /// Path as received, with the prefix `/m/{merchant}` if there was one.
    pub path: &'a str,
    /// HTTP status of the response, for example 201.
    pub status: u16,
    /// Time from the request head to the response.
    pub elapsed: Duration,
}
