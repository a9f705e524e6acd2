//! The HTTP edge: accept loop, limits, authentication, idempotency keys, and one module per protocol.
//!
//! A request passes through these steps: [`router`] finds the merchant and runs the request in a task of its own; the
//! protocol's `Call` authenticates the caller and reads the release (`API-Version`); `exchange` looks up the idempotency key;
//! `from_wire` parses the body; the domain does the work; `to_wire` renders the session within the domain's commit.

mod acp;
mod auth;
mod clip;
mod connections;
mod deadline;
mod exchange;
mod fields;
mod headers;
mod idempotency;
mod json;
mod problem;
mod project;
mod request;
mod respond;
mod router;
mod server;
mod settings;
mod signature;
mod state;
mod stripe_acs;
mod watch;
mod webhooks;
mod write_timeout;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use acp::Release as AcpRelease;
pub use connections::{DOOR, LEAVING};
pub use router::router;
pub use server::Server;
pub use settings::{
    AcpSettings, BearerKey, HandlerAdvert, HandlerConfig, Limits, MerchantEdge, StripeAcsAuth, StripeAcsSettings,
    StripeEventSettings, this_machine,
};
pub use state::Edges;
pub use watch::{Answered, Watch};
