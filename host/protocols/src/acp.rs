//! The Agentic Commerce Protocol, merchant side: `/checkout_sessions…`, in the release that the request names
//! in its `API-Version` header.
//!
//! Each release has its `wire` types and two conversions, `from_wire` and `to_wire`; no other module depends on its field names.
//! Amounts are in minor units of ISO 4217, those of the domain, whatever units the issuer of a payment token counts in.

mod agent;
mod call;
mod errors;
pub(crate) mod handlers;
mod operation;
mod release;
mod release_definition;
mod rendering;
mod shape;
mod v2025_09_29;
mod v2026_04_17;

#[cfg(test)]
mod tests;

pub use release::Release;

use tillhouse_checkout::authentication::AuthenticationResult;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::Consent;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::session::Agent;

use tillhouse_checkout::payment_token::PaymentToken;
/// A create request, independent of the release.
#[derive(Debug)]
pub(crate) struct Creation {
    pub(crate) currency: Option<Currency>,
    pub(crate) edit: CartEdit,
    pub(crate) agent: Agent,
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
}
