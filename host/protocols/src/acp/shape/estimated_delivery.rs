//! When goods arrive.

pub(crate) mod response_v2026_01_30;
