//! An address of a request (`AcpAddress`).

use serde::Deserialize;

use super::bounded_text::{BoundedText, CountryCode, ShortText};
use tillhouse_checkout::contact::{self, Recipient, RecipientEdit};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Address {
    name: Option<ShortText>,
    line_one: ShortText,
    line_two: Option<ShortText>,
    city: ShortText,
    /// Not marked as optional in the document, and unknown to countries without states.
    state: Option<BoundedText<1, 256>>,
    country: CountryCode,
    postal_code: BoundedText<0, 20>,
}

impl From<Address> for contact::Address {
    fn from(address: Address) -> Self {
        let text = |text: Option<ShortText>| text.map(|text| text.0).unwrap_or_default();
        Self {
            name: text(address.name),
            line_one: address.line_one.0,
            line_two: text(address.line_two),
            city: address.city.0,
            region: address.state.map(|state| state.0).unwrap_or_default(),
            country: address.country.0,
            postal_code: address.postal_code.0,
            ..Self::default()
        }
    }
}

/// The recipient, whose name is in the address.
pub(crate) fn recipient(address: Address) -> RecipientEdit {
    let address = contact::Address::from(address);
    RecipientEdit::Whole(Recipient {
        name: Some(address.name.clone()).filter(|name| !name.is_empty()),
        address: Some(address),
        ..Recipient::default()
    })
}
