//! Units of lines of an order.

pub(crate) mod response_v2026_04_17;
