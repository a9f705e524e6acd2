//! Outgoing HTTP: the one client of the host, and the rules for allowed destinations.
//!
//! Every outgoing request goes to an [`Upstream`] that the operator configured. The client follows no redirects, uses no proxy,
//! sends every request once, checks addresses after the DNS lookup, and reports for every failure how much of the request the
//! upstream may have seen ([`WireEvidence`](tillhouse_checkout::attempt::WireEvidence)).
//!
//! A request that moves money uses a connection of its own whose bytes are counted (`wire`); a request that is safe to repeat
//! under its idempotency key uses pooled connections (`pooled`). So do bodies that do not fit into memory (`transfer`).
//!
//! Invariant: only this crate uses `reqwest`.

pub mod address;
pub mod client;
pub mod error;
pub mod fill;
mod pooled;
pub mod redact;
pub mod request;
mod request_checks;
mod resolver;
mod response_reader;
pub mod template;
mod tls;
mod transfer;
pub mod upstream;
mod wire;

pub use client::Client;
pub use error::{EgressError, EgressErrorKind};
pub use request::{Connection, HeaderText, HttpRequest, HttpResponse, Method};
pub use transfer::UploadBody;
pub use upstream::{Upstream, UpstreamError};
