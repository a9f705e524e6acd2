//! Plugin configuration: flattening TOML into the keys that a plugin sees, and line numbers of keys.

pub(crate) mod flatten;
pub(crate) mod place;
