//! Who receives the goods, and where (schema `FulfillmentDetails`).

use serde::Deserialize;

use crate::fields::Email;
use tillhouse_checkout::contact::{self, Recipient, RecipientEdit};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct FulfillmentDetails<Address> {
    pub(crate) name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) email: Option<Email>,
    pub(crate) address: Option<Address>,
}

impl<Address: Into<contact::Address>> From<FulfillmentDetails<Address>> for Recipient {
    fn from(details: FulfillmentDetails<Address>) -> Self {
        Self {
            name: details.name,
            phone: details.phone_number,
            email: details.email.map(|email| email.0),
            address: details.address.map(Into::into),
        }
    }
}

impl<Address: Into<contact::Address>> From<FulfillmentDetails<Address>> for RecipientEdit {
    fn from(details: FulfillmentDetails<Address>) -> Self {
        Self::Whole(details.into())
    }
}
