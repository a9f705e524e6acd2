//! Idempotency keys: one effect per key, and one response.
//!
//! The scope of keys and the comparison of bodies follow the ACP RFC `agentic_checkout` §6 (<https://www.agenticcommerce.dev>).

mod bodies;
mod in_flight;
mod kept;
mod replay;
mod scope;
