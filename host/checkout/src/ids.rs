//! Ids. Each is a type of its own, so that a session id is never passed where an order id belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wrap a text as an id; it is not validated.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
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
    /// A merchant: its name in the configuration, `[merchants.NAME]`.
    MerchantId;
    /// A checkout session: `cs_…`.
    SessionId;
    /// A saved cart: `cart_…`.
    SavedCartId;
    /// A line of a cart. Equal to the id of its item, because a cart holds one line per item.
    LineId;
    /// An item: the merchant's SKU.
    ItemId;
    /// A fulfillment option; the plugin chooses the id.
    OptionId;
    /// A fulfillment group; the agent chooses the id.
    GroupId;
    /// A payment attempt: `pa_…`. Also the host's reference of the charge at the processor.
    AttemptId;
    /// A stock reservation for one attempt. Equal to the attempt's id.
    ReservationId;
    /// An upload of a product feed: `feed_…`.
    FeedUploadId;
    /// An order; the plugin chooses the id.
    OrderId;
    /// A refund of an order: `re_…`. Also the host's reference of the refund at the processor.
    RefundId;
    /// A shared payment token of Stripe: `spt_…`.
    TokenId;
    /// A processor's own reference of a charge.
    ProcessorReference;
    /// A plugin, by the id in its manifest.
    PluginId;
    /// One run of one host process: `host_…`; new at every start.
    HostId;
}

impl ItemId {
    /// Characters that an id may have in a request and in a catalog.
    pub const MAX_CHARS: usize = 256;
}

/// Source of new ids. Injected, so that tests can fix them in advance.
pub trait IdGenerator: Send + Sync + fmt::Debug {
    /// A new id that sorts by time of creation: `{prefix}_{26 or more characters}`.
    fn next(&self, prefix: &str) -> String;

    /// A random idempotency key of 36 characters for another system; Adyen takes up to 64 characters, Square up to 45.
    fn idempotency_key(&self) -> String;
}
