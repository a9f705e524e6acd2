//! Outgoing HTTP: the one client of the host, and the rules for where it may go.
//!
//! Everything that leaves the host goes to an [`Upstream`] that the operator wrote down. The client follows no redirects,
//! uses no proxy, sends every request once, checks addresses after DNS, and says of every failure whether the upstream may
//! have seen the request ([`WireEvidence`](crate::checkout::attempt::WireEvidence)).
//!
//! Invariant: `reqwest` is named nowhere else.

pub mod address;
pub mod client;
pub mod error;
pub mod fill;
pub mod redact;
pub mod request;
mod resolver;
pub mod template;
pub mod upstream;

pub use client::Client;
pub use error::{EgressError, EgressErrorKind};
pub use request::{Connection, HeaderText, HttpRequest, HttpResponse, Method};
pub use upstream::{Upstream, UpstreamError};
