//! A credential for unit tests, in place of the host's handle.

use crate::{credential::Credential, risk::CardDisplay};

/// Credential for unit tests.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let mut card = testing::TestCredential::with_fields(&["number"]);
/// card.kind = "agentic_token".into();
/// assert_eq!(card.handle().kind(), "agentic_token");
/// ```
#[derive(Clone, Debug)]
pub struct TestCredential {
    /// Value that [`Credential::kind`] returns.
    pub kind: String,
    /// Value that [`Credential::display`] returns.
    pub display: CardDisplay,
    /// Value that [`Credential::fields`] returns.
    pub fields: Vec<String>,
}

impl TestCredential {
    /// Creates a `dpan` credential in which the slots with these names have a value.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(testing::TestCredential::with_fields(&["number"]).fields, ["number"]);
    /// ```
    #[must_use]
    pub fn with_fields(fields: &[&str]) -> Self {
        Self {
            kind: "dpan".into(),
            display: CardDisplay::default(),
            fields: fields.iter().map(|field| (*field).into()).collect(),
        }
    }

    /// Returns the credential to pass to the plugin.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// assert!(card.handle().has(Slot::Number));
    /// ```
    #[must_use]
    pub fn handle(&self) -> Credential<'_> {
        Credential::of_test(self)
    }
}
