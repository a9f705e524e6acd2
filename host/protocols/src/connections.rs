//! Connection limits: which connections get a slot, which are closed when all slots are taken, and how the rest are refused.
//!
//! Two classes of slots share the listener. Requests are served in the slots of `server.max_connections`. A connection beyond
//! that limit gets one of the [`OVERFLOW_CONNECTIONS`] slots: its health checks are answered as usual, every other request gets 503,
//! and it is closed after its response.

mod accept;
mod client;
mod evictable_stream;
mod lingering_stream;
mod refusal_log;
mod request_body;
mod request_limits;
mod response_body;
mod service;
mod slots;

pub(crate) use accept::Acceptor;
pub(crate) use request_body::Evicted;

/// Maximum number of connections beyond `server.max_connections`, to answer 503 and health checks when the host is full.
pub const OVERFLOW_CONNECTIONS: usize = 256;

/// Maximum number of connections that lost their slot and are still closing; each needs a file descriptor.
pub const CLOSING_CONNECTIONS: usize = 64;
