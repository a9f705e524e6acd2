//! The affiliate that led the buyer to the merchant.

pub(crate) mod request_v2025_12_12;
