//! The components that the runtime's own tests load: what the runtime refuses, `plugin check` finds.

#[path = "../../runtime/src/tests/components.rs"]
#[allow(dead_code, reason = "the runtime's tests use more of it")]
mod components;
#[path = "../../runtime/src/tests/composed.rs"]
#[allow(dead_code, reason = "the runtime's tests use more of it")]
pub(crate) mod composed;
