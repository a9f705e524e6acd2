//! A postal address.

pub(crate) mod request_v2025_09_29;
pub(crate) mod request_v2026_04_17;
