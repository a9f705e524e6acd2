//! Who authenticates buyers.

pub(crate) mod response_v2026_01_16;
