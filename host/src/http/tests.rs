//! The whole way of a request through the edges, over a scripted domain.

mod idempotency;
mod server;
mod surface;
