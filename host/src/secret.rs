//! Values that are never printed.

use std::fmt;

use zeroize::Zeroizing;

/// A key, a token or a card field: never printed, written or copied by accident, and wiped when dropped.
///
/// Invariant: no `Debug` of the content, no `Display`, no `Serialize` and no `Clone`. Share one behind an `Arc`.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Take a value in.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Look at it. The caller hands it to the one place it is for and keeps no copy.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
