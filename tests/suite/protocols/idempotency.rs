//! Idempotency keys: one effect per key, and one answer (protocol reference §3).

mod bodies;
mod in_flight;
mod replay;
mod scope;
