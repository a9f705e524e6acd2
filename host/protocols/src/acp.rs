//! The Agentic Commerce Protocol, merchant side: `/checkout_sessions…`, in the release that the request names
//! in its `API-Version` header.
//!
//! A release is a folder with its top-level bodies, made of shapes (`shape`), each with what it means to the domain; no other module
//! depends on names of their fields.
//! Amounts are in minor units of ISO 4217, those of the domain, whatever units the issuer of a payment token counts in.

mod agent;
mod call;
pub(crate) mod carts;
pub(crate) mod delegate_payment;
pub(crate) mod discovery;
mod errors;
pub(crate) mod handlers;
pub(crate) mod mcp;
mod operation;
mod release;
mod release_definition;
mod rendering;
mod shape;
mod v2025_09_29;
mod v2025_12_12;
mod v2026_01_16;
mod v2026_01_30;
mod v2026_04_17;

#[cfg(test)]
mod tests;

pub use release::Release;
#[cfg(test)]
pub(crate) use release_definition::RenderContext;

use tillhouse_checkout::authentication::AuthenticationResult;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::{Attribution, Consent};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::SavedCartId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::Agent;

/// A create request, independent of the release.
#[derive(Debug, Default)]
pub(crate) struct Creation {
    pub(crate) currency: Option<Currency>,
    pub(crate) edit: CartEdit,
    pub(crate) agent: Agent,
    pub(crate) attribution: Option<Attribution>,
    /// Saved cart whose items and buyer the session gets.
    pub(crate) saved_cart: Option<SavedCartId>,
}

/// A complete request, independent of the release.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) token: PaymentToken,
    pub(crate) authentication: Option<AuthenticationResult>,
    pub(crate) billing: Option<Address>,
    pub(crate) edit: CartEdit,
    pub(crate) device: Device,
    pub(crate) consents: Vec<Consent>,
    pub(crate) attribution: Option<Attribution>,
}

impl Completion {
    /// A completion that says nothing but what pays it.
    pub(crate) fn with(token: PaymentToken) -> Self {
        Self {
            token,
            authentication: None,
            billing: None,
            edit: CartEdit::default(),
            device: Device::default(),
            consents: Vec::new(),
            attribution: None,
        }
    }
}
