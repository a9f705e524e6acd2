//! The ways to pay that a session advertises.

pub(crate) mod response_v2026_01_30;
pub(crate) mod response_v2026_04_17;
