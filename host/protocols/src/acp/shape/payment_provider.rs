//! The provider that takes the payments of a session.

pub(crate) mod response_v2025_09_29;
pub(crate) mod response_v2025_12_12;
pub(crate) mod response_v2026_01_16;
