//! Why the agent cancels.

pub(crate) mod request_v2025_12_12;
