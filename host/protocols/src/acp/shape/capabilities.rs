//! What the agent and the merchant are capable of.

pub(crate) mod request_v2026_01_30;
pub(crate) mod response_v2026_01_30;
