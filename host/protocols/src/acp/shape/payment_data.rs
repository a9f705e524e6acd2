//! How the buyer pays.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_01_30;
