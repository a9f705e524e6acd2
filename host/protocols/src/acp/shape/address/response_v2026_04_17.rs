//! An address (schema `Address`), with a company.

use serde::Serialize;

use crate::acp::shape::address::response_v2025_09_29;
use tillhouse_checkout::contact;

#[derive(Debug, Serialize)]
pub(crate) struct Address<'a> {
    #[serde(flatten)]
    place: response_v2025_09_29::Address<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    company: &'a str,
}

impl<'a> From<&'a contact::Address> for Address<'a> {
    fn from(address: &'a contact::Address) -> Self {
        Self {
            place: address.into(),
            company: &address.company,
        }
    }
}
