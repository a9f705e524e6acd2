//! Items with a destination of their own.

pub(crate) mod request_v2026_01_30;
pub(crate) mod response_v2026_01_30;
