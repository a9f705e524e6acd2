//! How the buyer reaches the merchant.

pub(crate) mod response_v2026_01_30;
