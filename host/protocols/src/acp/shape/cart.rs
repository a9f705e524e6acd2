//! A cart before a checkout: items with estimated prices.

pub(crate) mod request_v2026_04_17;
pub(crate) mod response_v2026_04_17;
