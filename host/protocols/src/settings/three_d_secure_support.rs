//! Whether a merchant takes the result of a 3-D Secure authentication, as of now.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Whether the merchant's processor states what an authentication of the buyer needs.
///
/// Then its result is asked for, and reaches the charge. It is looked up each time that it is shown: another release of the processor's
/// plugin may come into force at any time.
#[derive(Clone)]
pub struct ThreeDSecureSupport(Arc<dyn Fn() -> bool + Send + Sync>);

impl ThreeDSecureSupport {
    /// Support that is looked up by this function.
    pub fn looked_up(by: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(by))
    }

    /// Support that does not change.
    #[must_use]
    pub fn fixed(is_given: bool) -> Self {
        Self::looked_up(move || is_given)
    }

    /// Whether it is given now.
    #[must_use]
    pub fn is_given(&self) -> bool {
        (self.0)()
    }
}

impl Serialize for ThreeDSecureSupport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(self.is_given())
    }
}

impl fmt::Debug for ThreeDSecureSupport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreeDSecureSupport({})", self.is_given())
    }
}
