//! Identifiers, one type for each kind of object.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub(crate) fn generate() -> Self {
                Self(format!(concat!($prefix, "{}"), uuid::Uuid::new_v4().simple()))
            }

            /// The identifier with its prefix, as sent on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<S: Into<String>> From<S> for $name {
            fn from(value: S) -> Self {
                Self(value.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// A shared payment token (`spt_…`).
    TokenId,
    "spt_"
);
identifier!(
    /// A payment record of the Stripe simulator (`pr_…`).
    RecordId,
    "pr_"
);
identifier!(
    /// A charge of the acquirer (`ch_…`).
    ChargeId,
    "ch_"
);
identifier!(
    /// A refund of the acquirer (`re_…`).
    RefundId,
    "re_"
);
identifier!(
    /// A 3-D Secure authentication (`auth_…`).
    AuthenticationId,
    "auth_"
);
identifier!(
    /// A payment token of Adyen's vault (`acp_tok_…`), good for one payment.
    AgenticTokenId,
    "acp_tok_"
);
identifier!(
    /// A checkout session of Adyen's agent API (`cs_…`).
    CheckoutSessionId,
    "cs_"
);
identifier!(
    /// A file of the Stripe simulator (`file_…`).
    FileId,
    "file_"
);
identifier!(
    /// An import of a product feed: `impset_…` of the Data Management API, `pcimprt_…` of catalog imports.
    ImportId,
    "impset_"
);
identifier!(
    /// An event of the Stripe simulator (`evt_…`).
    EventId,
    "evt_"
);

impl ImportId {
    /// The id of a catalog import.
    pub(crate) fn generate_catalog_import() -> Self {
        Self(Self::generate().0.replacen("impset_", "pcimprt_", 1))
    }
}
