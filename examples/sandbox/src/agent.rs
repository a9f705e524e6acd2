//! A buying agent: makes a purchase over each protocol and keeps the transcript.
//!
//! [`Acp`] uses the Agentic Commerce Protocol in its five releases, [`StripeAcs`] calls a seller's hooks as
//! Stripe does, [`AdyenAgent`] uses the agent API of Adyen. Each has a method for each step, for tests that need their own order of steps, and `purchase` for all
//! of them.

mod acp;
mod adyen;
mod adyen_vault;
mod authenticator;
mod basket;
mod channel;
mod error;
mod exchange;
mod http;
mod purchase;
pub mod request_signature;
mod session;
mod stripe_acs;
mod wallet;

pub use acp::{Acp, AcpVersion};
pub use adyen::AdyenAgent;
pub use adyen_vault::AdyenVault;
pub use authenticator::{Authenticated, Authenticator, BuyerDecision};
pub use basket::{Address, Basket, Buyer};
pub use channel::{Channel, Credentials};
pub use error::AgentError;
pub use exchange::{Exchange, Step};
pub use purchase::{Polling, Purchase, PurchaseError};
pub use session::Session;
pub use stripe_acs::StripeAcs;
pub use wallet::Wallet;

/// Value of the `User-Agent` header.
const USER_AGENT: &str = concat!("tillhouse-sandbox-agent/", env!("CARGO_PKG_VERSION"));
