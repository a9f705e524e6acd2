//! The buyer, in requests and in sessions.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_01_30;
pub(crate) mod response_v2025_09_29;
pub(crate) mod response_v2026_01_30;
