//! The buyer's payment credential: a handle that does not expose the card data.

use crate::{bindings::tillhouse::host::credentials, egress::Slot, risk::CardDisplay};

/// Credential that the host created for one charge; valid only during the call.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// fn takes(credential: Credential<'_>) -> bool {
///     credential.kind() == "dpan" && credential.has(Slot::Cryptogram)
/// }
/// assert!(!takes(testing::TestCredential::with_fields(&["number"]).handle()));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a>(Source<'a>);

#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Host(&'a credentials::Credential),
    #[cfg(not(target_arch = "wasm32"))]
    Test(&'a crate::testing::TestCredential),
}

impl<'a> Credential<'a> {
    /// Wraps the host's handle.
    pub(crate) fn of_host(handle: &'a credentials::Credential) -> Self {
        Self(Source::Host(handle))
    }

    /// Wraps a test double for unit tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn of_test(credential: &'a crate::testing::TestCredential) -> Self {
        Self(Source::Test(credential))
    }

    /// Returns the handle for `egress`; `None` in a unit test.
    #[cfg_attr(
        target_arch = "wasm32",
        allow(clippy::unnecessary_wraps, reason = "a unit test has no handle")
    )]
    pub(crate) fn handle(self) -> Option<&'a credentials::Credential> {
        match self.0 {
            Source::Host(handle) => Some(handle),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Test(_) => None,
        }
    }

    /// Returns `dpan`, `agentic_token` or another kind. A plugin should decline kinds that it does not know.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// assert_eq!(card.handle().kind(), "dpan");
    /// ```
    #[must_use]
    pub fn kind(self) -> String {
        match self.0 {
            Source::Host(handle) => handle.kind(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Test(credential) => credential.kind.clone(),
        }
    }

    /// Returns the non-sensitive card details, which may be displayed and used for routing.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// assert_eq!(card.handle().display().last4, None, "not known in a test");
    /// ```
    #[must_use]
    pub fn display(self) -> CardDisplay {
        match self.0 {
            Source::Host(handle) => handle.display(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Test(credential) => credential.display.clone(),
        }
    }

    /// Returns the names of the slots that have a value.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number", "exp-month"]);
    /// assert_eq!(card.handle().fields(), ["number", "exp-month"]);
    /// ```
    #[must_use]
    pub fn fields(self) -> Vec<String> {
        match self.0 {
            Source::Host(handle) => handle.fields(),
            #[cfg(not(target_arch = "wasm32"))]
            Source::Test(credential) => credential.fields.clone(),
        }
    }

    /// Returns whether a slot has a value.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let card = testing::TestCredential::with_fields(&["number"]);
    /// assert!(card.handle().has(Slot::Number) && !card.handle().has(Slot::Cryptogram));
    /// ```
    #[must_use]
    pub fn has(self, slot: Slot) -> bool {
        self.fields().iter().any(|field| field == slot.field())
    }
}
