//! The buyer (schema `Buyer`): names, email address and phone number.

use serde::Serialize;

use tillhouse_checkout::contact;

#[derive(Debug, Serialize)]
pub(crate) struct Buyer<'a> {
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
}

impl<'a> Buyer<'a> {
    /// The buyer. The schema requires both names and the email address: `None` for a buyer without one of them.
    pub(crate) fn new(buyer: &'a contact::Buyer) -> Option<Self> {
        Some(Self {
            first_name: buyer.first_name.as_deref()?,
            last_name: buyer.last_name.as_deref()?,
            email: buyer.email.as_deref()?,
            phone_number: buyer.phone.as_deref(),
        })
    }
}
