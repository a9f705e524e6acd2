//! The edges: accept loop, limits, authentication, idempotency, and one module per protocol.
