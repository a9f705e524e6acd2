//! The order of a session, and of its events.

pub(crate) mod response_v2025_09_29;
pub(crate) mod response_v2026_01_30;
pub(crate) mod response_v2026_04_17;
