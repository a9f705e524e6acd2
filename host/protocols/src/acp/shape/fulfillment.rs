//! Parcels, pickups and downloads of an order.

pub(crate) mod response_v2026_04_17;
