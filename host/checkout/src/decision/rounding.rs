//! How a plugin wants fractions of a minor unit to be rounded.

use serde::{Deserialize, Serialize};

/// A rounding rule, as the plugin names it. Unchecked: rule R2 refuses names that the contract does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundingRule {
    /// `half-up`, `half-even`, `down` or `up`.
    pub mode: String,
    /// `line`, `rate` or `cart`.
    pub scope: String,
}
