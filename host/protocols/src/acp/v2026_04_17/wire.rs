//! The bodies of ACP 2026-04-17, exactly as the official schema has them.

pub(crate) mod authentication;
pub(crate) mod order;
pub(crate) mod request;
pub(crate) mod response;
