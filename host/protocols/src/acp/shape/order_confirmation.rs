//! What the merchant confirms of an order beside the order itself.

pub(crate) mod response_v2026_01_30;
