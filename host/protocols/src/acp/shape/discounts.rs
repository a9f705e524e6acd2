//! Discount codes, and what they take off.

pub(crate) mod request_v2026_01_30;
pub(crate) mod response_v2026_01_30;
