//! Simulators to develop a checkout without accounts: [`stripe`], [`adyen`], a card [`acquirer`], a [`receiver`] of order events,
//! a provider of 3-D Secure [`authentication`]s and a buying [`agent`].
//!
//! Each simulator is a server of its own on loopback, with its own ledger. Start them all in a test or a demo with
//! [`Sandbox::start`], or run the binary. Failures are injected ([`Fault`]) or come with a test card ([`card`]); time
//! is injected ([`Clock`]), so no test has to sleep until a token expires.
//!
//! Card numbers are test numbers and stay in memory: ledgers show the last four digits, and they are not logged.

mod acp_error;
pub mod acp_feed;
pub mod acquirer;
pub mod adyen;
pub mod agent;
mod answer;
mod auth;
pub mod authentication;
pub mod card;
mod clock;
mod fault;
mod gate;
mod id;
mod idempotency;
mod incoming_request;
mod money;
mod outgoing;
mod pipeline;
pub mod receiver;
mod sandbox;
mod secret;
mod server;
pub mod stripe;
mod sync;
mod table;

pub use acp_feed::{AcpFeedConfig, AcpFeedServer};
pub use acquirer::{Acquirer, AcquirerConfig};
pub use adyen::{Adyen, AdyenConfig};
pub use authentication::{AuthenticationConfig, AuthenticationProvider};
pub use clock::Clock;
pub use fault::Fault;
pub use gate::Hold;
pub use id::{
    AgenticTokenId, AuthenticationId, ChargeId, CheckoutSessionId, EventId, FileId, ImportId, RecordId, RefundId,
    TokenId,
};
pub use money::{Amount, Currency};
pub use receiver::{Receiver, ReceiverConfig};
pub use sandbox::{Sandbox, SandboxConfig};
pub use secret::Secret;
pub use stripe::{Stripe, StripeConfig};
