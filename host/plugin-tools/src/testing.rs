//! Components of the runtime's own tests, to test that `plugin check` reports what the runtime rejects.

#[path = "../../runtime/src/tests/components.rs"]
#[allow(dead_code, reason = "the runtime's tests use more of it")]
mod components;
#[path = "../../runtime/src/tests/composed.rs"]
#[allow(dead_code, reason = "the runtime's tests use more of it")]
pub(crate) mod composed;
