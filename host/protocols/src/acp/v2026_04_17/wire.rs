//! Response and event bodies of ACP 2026-04-17, exactly as in the official schema.

pub(crate) mod order;
pub(crate) mod response;
