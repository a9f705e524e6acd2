//! Outgoing HTTP: the one client of the host, and the rules for where it may go.
//!
//! Everything that leaves the host goes to an [`Upstream`] that the operator wrote down. The client follows no redirects,
//! uses no proxy, sends every request once, checks addresses after DNS, and says of every failure how much of the request
//! the upstream may have seen ([`WireEvidence`](tillhouse_checkout::attempt::WireEvidence)).
//!
//! What moves money travels on a connection of its own whose bytes are counted (`wire`); what may be repeated under its key
//! travels on connections that are kept open (`pooled`).
//!
//! Invariant: `reqwest` is named nowhere else.

pub mod address;
mod answer;
pub mod client;
pub mod error;
pub mod fill;
mod outgoing;
mod pooled;
pub mod redact;
pub mod request;
mod resolver;
pub mod template;
mod tls;
pub mod upstream;
mod wire;

pub use client::Client;
pub use error::{EgressError, EgressErrorKind};
pub use request::{Connection, HeaderText, HttpRequest, HttpResponse, Method};
pub use upstream::{Upstream, UpstreamError};
