//! Admin API for operators: a Unix socket in the folder of the store, for commands on the same machine.
//!
//! Small JSON requests over HTTP/1, one path for each [`tillhouse_payments::operator::OperatorRequest`]. Never on TCP: the permissions
//! of the file are the credential, and the peer's user id, as the kernel reports it, is checked as well.

mod client;
mod server;
mod socket_file;

pub use client::{AdminClient, AdminClientError};
pub use server::AdminServer;
pub use socket_file::SocketError;

/// Maximum bytes of a response.
const RESPONSE_MAX: usize = 256 * 1024 * 1024;
