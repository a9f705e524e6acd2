//! An address of the made-up release: `state` is called `region`.

use serde::{Deserialize, Serialize};

use crate::fields::Country;
use tillhouse_checkout::contact;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct RequestedAddress {
    name: String,
    line_one: String,
    line_two: Option<String>,
    city: String,
    region: String,
    country: Country,
    postal_code: String,
    company: Option<String>,
}

impl From<RequestedAddress> for contact::Address {
    fn from(address: RequestedAddress) -> Self {
        Self {
            name: address.name,
            company: address.company.unwrap_or_default(),
            line_one: address.line_one,
            line_two: address.line_two.unwrap_or_default(),
            city: address.city,
            region: address.region,
            country: address.country.0,
            postal_code: address.postal_code,
            ..Self::default()
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct ShownAddress<'a> {
    name: &'a str,
    line_one: &'a str,
    city: &'a str,
    region: &'a str,
    country: &'a str,
    postal_code: &'a str,
}

impl<'a> From<&'a contact::Address> for ShownAddress<'a> {
    fn from(address: &'a contact::Address) -> Self {
        Self {
            name: &address.name,
            line_one: &address.line_one,
            city: &address.city,
            region: &address.region,
            country: &address.country,
            postal_code: &address.postal_code,
        }
    }
}
