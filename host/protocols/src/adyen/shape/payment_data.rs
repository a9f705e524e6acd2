//! The payment of a completion (`AcpPaymentData`).

use serde::Deserialize;

use super::address::Address;
use super::bounded_text::BoundedText;
use crate::fields::OpaqueToken;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData {
    pub(crate) provider: BoundedText<1, 256>,
    pub(crate) token: OpaqueToken,
    /// Where it is missing, the goods are billed to where they are sent.
    pub(crate) billing_address: Option<Address>,
}
