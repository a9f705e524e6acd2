//! An address (schema `Address`), without a company.

use serde::Deserialize;

use crate::fields::Country;
use tillhouse_checkout::contact;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) line_one: String,
    pub(crate) line_two: Option<String>,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: Country,
    pub(crate) postal_code: String,
}

impl From<Address> for contact::Address {
    fn from(address: Address) -> Self {
        Self {
            name: address.name,
            line_one: address.line_one,
            line_two: address.line_two.unwrap_or_default(),
            city: address.city,
            region: address.state,
            country: address.country.0,
            postal_code: address.postal_code,
            ..Self::default()
        }
    }
}

/// A delivery address in a request of 2025-09-29. Its schema has no `phone_number`, and agents send it: it is that of the recipient.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct AddressWithPhone {
    pub(crate) name: String,
    pub(crate) line_one: String,
    pub(crate) line_two: Option<String>,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: Country,
    pub(crate) postal_code: String,
    pub(crate) phone_number: Option<String>,
}

impl From<AddressWithPhone> for contact::Address {
    fn from(address: AddressWithPhone) -> Self {
        Self::from(Address {
            name: address.name,
            line_one: address.line_one,
            line_two: address.line_two,
            city: address.city,
            state: address.state,
            country: address.country,
            postal_code: address.postal_code,
        })
    }
}
