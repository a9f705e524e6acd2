//! Adyen's own reference of a payment or of a modification.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Sixteen letters and digits, unique at Adyen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PspReference(String);

impl PspReference {
    pub(crate) fn generate() -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        Self(random.chars().take(16).collect::<String>().to_ascii_uppercase())
    }

    /// The reference as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Into<String>> From<S> for PspReference {
    fn from(value: S) -> Self {
        Self(value.into())
    }
}

impl fmt::Display for PspReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
