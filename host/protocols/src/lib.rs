//! The edges: accept loop, limits, authentication, idempotency, and one module per protocol.
//!
//! Order of things: [`router`] finds the merchant and runs the request in a task, the protocol's `Call` says who calls and
//! in which release, `exchange` looks the idempotency key up, `from_wire` reads the body, the domain works, `to_wire`
//! renders the session inside the domain's commit.

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
mod stall;
mod state;
mod stripe_acs;
mod watch;
mod webhooks;

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
