//! Who receives the goods, and where (schema `FulfillmentDetails`), with the address in the shape of the release.

use serde::Serialize;

use tillhouse_checkout::contact::{self, Recipient};

#[derive(Debug, Serialize)]
pub(crate) struct FulfillmentDetails<'a, Address> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
}

impl<'a, Address: From<&'a contact::Address>> From<&'a Recipient> for FulfillmentDetails<'a, Address> {
    fn from(recipient: &'a Recipient) -> Self {
        Self {
            name: recipient.name.as_deref(),
            phone_number: recipient.phone.as_deref(),
            email: recipient.email.as_deref(),
            address: recipient.address.as_ref().map(Into::into),
        }
    }
}
