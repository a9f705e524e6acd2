//! Connection limits: which connections get a slot, which are closed when all slots are taken, and how the rest are refused.
//!
//! Two classes of slots share the listener. Requests are served in the slots of `server.max_connections`. A connection beyond
//! that limit gets one of the `DOOR` (overflow) slots: its health checks are answered as usual, every other request gets 503,
//! and it is closed after its response.

mod accept;
mod answering;
mod arriving;
mod client;
mod desk;
mod giving_way;
mod linger;
mod refusals;
mod share;
mod slots;

pub(crate) use accept::Acceptor;
pub(crate) use arriving::Displaced;

/// Maximum number of connections beyond `server.max_connections`, to answer 503 and health checks when the host is full.
pub const DOOR: usize = 256;

/// Maximum number of connections that lost their slot and are still closing; each needs a file descriptor.
pub const LEAVING: usize = 64;
