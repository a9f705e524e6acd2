//! Objects of Adyen's agentic API as they are written in requests and responses, with what they mean to the domain. The shapes of ACP are not
//! used: ten objects differ from every release of it in a member, a limit or a case.
//!
//! Amounts are in Adyen's units. A path of a message is without `$.`, as in the example of the document, and in the names of a request.

pub(crate) mod address;
pub(crate) mod affiliate_attribution;
pub(crate) mod bounded_text;
pub(crate) mod buyer;
pub(crate) mod discounts;
pub(crate) mod fulfillment_option;
pub(crate) mod item;
pub(crate) mod line_item;
pub(crate) mod link;
pub(crate) mod marketing_consent;
pub(crate) mod message;
pub(crate) mod order;
pub(crate) mod payment_data;
pub(crate) mod payment_provider;
pub(crate) mod session;
pub(crate) mod total;
