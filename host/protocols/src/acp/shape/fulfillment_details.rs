//! Who receives the goods, and where.

pub(crate) mod request_v2025_12_12;
pub(crate) mod response_v2025_12_12;
