//! The billing address of a card (`billing_address`), without the limits of `AcpAddress`.

use serde::Deserialize;

use crate::adyen::shape::bounded_text::{BoundedText, CountryCode};
use crate::delegation::refuse_card_number;
use crate::json::BodyError;
use tillhouse_checkout::contact::Address;

/// A required text; the document states no limit.
type Text = BoundedText<1, 256>;
type OptionalText = Option<BoundedText<0, 256>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct BillingAddress {
    name: Text,
    line_one: Text,
    line_two: OptionalText,
    city: Text,
    state: OptionalText,
    country: CountryCode,
    postal_code: Text,
}

impl BillingAddress {
    /// The address. It is stored, so that a card number has no place in it.
    pub(super) fn read(self) -> Result<Address, BodyError> {
        let text = |text: OptionalText| text.map(|text| text.0).unwrap_or_default();
        let address = Address {
            name: self.name.0,
            line_one: self.line_one.0,
            line_two: text(self.line_two),
            city: self.city.0,
            region: text(self.state),
            country: self.country.0,
            postal_code: self.postal_code.0,
            ..Address::default()
        };
        for (member, text) in [
            ("name", &address.name),
            ("line_one", &address.line_one),
            ("line_two", &address.line_two),
            ("city", &address.city),
            ("state", &address.region),
            ("postal_code", &address.postal_code),
        ] {
            refuse_card_number(text).map_err(|error| error.in_field(member))?;
        }
        Ok(address)
    }
}
