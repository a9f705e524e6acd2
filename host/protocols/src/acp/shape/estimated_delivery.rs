//! The time in which goods are expected to arrive.

pub(crate) mod response_v2026_01_30;
