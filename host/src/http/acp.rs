//! The Agentic Commerce Protocol, merchant side: `/checkout_sessions…`, in the release that the request names.
//!
//! Each release has its `wire` types and two conversions, `from_wire` and `to_wire`; nothing else knows its fields.

mod call;
mod errors;
pub(crate) mod handlers;
mod project;
mod release;
mod v2025_09_29;
mod v2026_04_17;

#[cfg(test)]
mod tests;

pub use release::Release;

use crate::checkout::authentication::Authentication;
use crate::checkout::cart::CartEdit;
use crate::checkout::ids::TokenId;
use crate::checkout::money::Currency;
use crate::checkout::operation::RiskSignals;
use crate::checkout::people::Address;
use crate::checkout::session::Agent;

/// A create request, in no release's words.
#[derive(Debug)]
pub(crate) struct Creation {
    pub(crate) currency: Option<Currency>,
    pub(crate) edit: CartEdit,
    pub(crate) agent: Agent,
}

/// A complete request, in no release's words.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) token: TokenId,
    pub(crate) provider: String,
    pub(crate) authentication: Option<Authentication>,
    pub(crate) billing: Option<Address>,
    pub(crate) edit: CartEdit,
    pub(crate) signals: RiskSignals,
}
