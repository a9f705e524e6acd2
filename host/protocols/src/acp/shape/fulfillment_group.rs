//! Items with a destination of their own.

pub(crate) mod request_v2026_01_30;
