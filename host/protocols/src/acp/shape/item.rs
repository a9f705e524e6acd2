//! What the agent orders: an item and its quantity.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_01_30;
