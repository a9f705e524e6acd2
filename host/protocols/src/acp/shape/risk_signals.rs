//! The device of the buyer.

pub(crate) mod request_v2026_01_30;
