//! The provider that authenticates buyers for the merchant.

pub(crate) mod response_v2026_01_16;
