//! Connections: who may have one, who gives way when all slots are taken, and what becomes of those that get none.
//!
//! Two classes of slots share the listener. Requests are served in the slots of `server.max_connections`. A connection that
//! gets none of those has a place at the `door`: it is answered health checks as ever and 503 everything else, and closed.

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

/// Places at the door: for connections that are told that the host is full, and for health checks meanwhile.
pub const DOOR: usize = 256;

/// Descriptors of connections that were told to leave and have not left yet, at most.
pub const LEAVING: usize = 64;
