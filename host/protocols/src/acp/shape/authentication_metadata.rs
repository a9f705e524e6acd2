//! What an agent needs to authenticate the buyer.

pub(crate) mod response_v2025_12_12;
pub(crate) mod response_v2026_04_17;
