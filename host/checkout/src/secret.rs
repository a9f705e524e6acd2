//! Values that are never printed.

use std::fmt;

use zeroize::Zeroizing;

/// A key, a token or a card field: cannot be printed, serialized or cloned by accident, and is wiped when dropped.
///
/// Invariant: no `Debug` of the content, no `Display`, no `Serialize` and no `Clone`. Share one behind an `Arc`.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wrap a value, which is wiped when the secret is dropped.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value. The caller passes it to where it is needed, and keeps no copy.
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

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use serde::Serialize;

    use super::Secret;
    use crate::credential::Credential;

    /// Does not compile if the type has one of the traits: two implementations would then be ambiguous.
    macro_rules! has_none_of {
        ($type:ty: $($bound:path),+) => {
            const _: fn() = || {
                trait Meant<Which> {
                    fn this() {}
                }
                struct Any;
                impl<T: ?Sized> Meant<Any> for T {}
                $({
                    struct With;
                    impl<T: ?Sized + $bound> Meant<With> for T {}
                })+
                let _ = <$type as Meant<_>>::this;
            };
        };
    }

    has_none_of!(Secret: Clone, Copy, Serialize, Display);
    has_none_of!(Credential: Clone, Copy, Serialize, Display);
    // Holders of several secrets keep them in a `Vec`.
    has_none_of!(Vec<Secret>: Clone, Serialize);

    #[test]
    fn a_credential_shows_nothing_of_what_must_not_be_shown() {
        let credential = Credential {
            kind: "dpan".to_owned(),
            display: crate::credential::CardDisplay::default(),
            slots: vec![("number", Secret::new("4242424242424242".to_owned()))],
        };
        let shown = format!("{credential:?} {credential:#?}");
        assert!(shown.contains("[redacted]") && !shown.contains("4242"), "{shown}");
    }
}
