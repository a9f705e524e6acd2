//! The operators' edge: a socket in the folder of the store, for commands on the same machine.
//!
//! Small JSON over HTTP/1, one path for each [`tillhouse_payments::operator::Question`]. Never on TCP: the permissions of the file are the
//! credential, and the kernel's word on who is at the other end is checked beside them.

mod client;
mod place;
mod server;

pub use client::{AskError, Client};
pub use place::PlaceError;
pub use server::AdminServer;

/// Bytes of a question that are read.
const QUESTION_MAX: usize = 64 * 1024;
/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 256 * 1024 * 1024;
