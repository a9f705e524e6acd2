//! An address (schema `Address`), without a company.

use serde::Serialize;

use tillhouse_checkout::contact;

#[derive(Debug, Serialize)]
pub(crate) struct Address<'a> {
    name: &'a str,
    line_one: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    line_two: &'a str,
    city: &'a str,
    state: &'a str,
    country: &'a str,
    postal_code: &'a str,
}

impl<'a> From<&'a contact::Address> for Address<'a> {
    fn from(address: &'a contact::Address) -> Self {
        Self {
            name: &address.name,
            line_one: &address.line_one,
            line_two: &address.line_two,
            city: &address.city,
            state: &address.region,
            country: &address.country,
            postal_code: &address.postal_code,
        }
    }
}
