//! Names of things. Each is its own type, so that a session id is never passed where an order id belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id with this text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A merchant, as the operator names it in the configuration.
    MerchantId;
    /// A checkout session: `cs_…`.
    SessionId;
    /// A line of a cart. Equal to the id of its item, because a cart holds one line per item.
    LineId;
    /// An item: the merchant's SKU.
    ItemId;
    /// A way of fulfillment, named by the plugin.
    OptionId;
    /// An attempt at paying a checkout: `pa_…`.
    AttemptId;
    /// Stock set aside for one attempt. Equal to the attempt's id.
    ReservationId;
    /// An order, named by the plugin.
    OrderId;
    /// A shared payment token: `spt_…`.
    TokenId;
    /// A processor's own reference of a charge.
    ProcessorReference;
    /// A plugin's id from its manifest.
    PluginId;
    /// One life of one host process.
    HostId;
}

/// Fresh ids. Injected, so that tests can name them in advance.
pub trait Ids: Send + Sync + fmt::Debug {
    /// A new id that sorts by time of creation: `{prefix}_{26 or more characters}`.
    fn next(&self, prefix: &str) -> String;

    /// A random key of 36 characters for another system's idempotency (Adyen takes 64 at most, Square 45).
    fn key(&self) -> String;
}
