//! The buyer (schema `Buyer`), with both names.

use serde::Deserialize;

use crate::fields::Email;
use tillhouse_checkout::contact;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Buyer {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: Email,
    pub(crate) phone_number: Option<String>,
}

impl From<Buyer> for contact::Buyer {
    fn from(buyer: Buyer) -> Self {
        Self {
            first_name: Some(buyer.first_name),
            last_name: Some(buyer.last_name),
            email: Some(buyer.email.0),
            phone: buyer.phone_number,
            ..Self::default()
        }
    }
}
