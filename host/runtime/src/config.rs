//! Configuration as text: flattened into the keys that a plugin sees, and the lines where they stand.

pub(crate) mod flatten;
pub(crate) mod place;
