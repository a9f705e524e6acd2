//! The buyer of a request (`AcpBuyer`), of whom every part may be missing.

use serde::Deserialize;

use super::bounded_text::ShortText;
use crate::fields::Email;
use tillhouse_checkout::contact;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Buyer {
    email: Option<Email>,
    first_name: Option<ShortText>,
    last_name: Option<ShortText>,
    phone_number: Option<String>,
}

impl From<Buyer> for contact::Buyer {
    fn from(buyer: Buyer) -> Self {
        Self {
            first_name: buyer.first_name.map(|name| name.0),
            last_name: buyer.last_name.map(|name| name.0),
            email: buyer.email.map(|email| email.0),
            phone: buyer.phone_number,
            ..Self::default()
        }
    }
}
