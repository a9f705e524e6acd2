//! Consents to marketing, and the answers to them.

pub(crate) mod request_v2026_04_17;
pub(crate) mod response_v2026_04_17;
