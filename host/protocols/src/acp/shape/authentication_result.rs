//! The result of the buyer's 3-D Secure authentication.

pub(crate) mod request_v2025_12_12;
pub(crate) mod request_v2026_01_16;
