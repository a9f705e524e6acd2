//! Confirmations of orders.

pub(crate) mod response_v2026_01_30;
