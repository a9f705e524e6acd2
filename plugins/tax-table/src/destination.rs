//! Destination of an order, normalized to the spelling of the table.

use tillhouse_places::{Country, PostalCode};
use tillhouse_plugin::prelude::*;

/// Normalized destination. Fields that the buyer did not give are empty.
#[derive(Debug)]
pub(crate) struct Destination {
    /// ISO 3166-1 alpha-2 in upper case.
    pub(crate) country: String,
    /// Region code in upper case.
    pub(crate) region: String,
    pub(crate) postal_code: PostalCode,
}

impl Destination {
    pub(crate) fn of(address: &Address) -> Self {
        let country = address.country.trim().to_ascii_uppercase();
        Self {
            region: address.region.trim().to_ascii_uppercase(),
            postal_code: PostalCode::read(&country, &address.postal_code),
            country,
        }
    }

    /// Returns an error message if the country is malformed, or the region is not listed in `regions.COUNTRY`.
    pub(crate) fn problem(&self) -> Option<Message> {
        if Country::configured(&self.country).is_err() {
            let text = "Give the country of the address by its two letters, such as US: the tax depends on it.";
            return Some(Message::error("invalid", Subject::address("country"), text));
        }
        let known = config::list(&format!("regions.{}", self.country));
        if known.is_empty() || known.contains(&self.region) {
            return None;
        }
        if self.region.is_empty() {
            return Some(missing_field("state"));
        }
        let text = "Give the state or region of the address by its code, such as CA: the tax depends on it.";
        Some(Message::error("invalid", Subject::address("state"), text))
    }
}

/// Returns the error message for addresses without a country, which blocks payment.
///
/// The place of supply of downloads is that of the buyer: a country is enough, or the billing address.
pub(crate) fn missing_country() -> Message {
    let text = "The tax depends on the buyer's country: give an address with at least a country, or the billing address with the \
                payment.";
    Message::error("missing", Subject::address("country"), text)
}

/// Returns the error message for a missing field of the address, which blocks payment.
pub(crate) fn missing_field(field: &'static str) -> Message {
    let name = match field {
        "postal_code" => "postal code",
        other => other,
    };
    let text = format!("Give the {name} of the address: the tax depends on it.");
    Message::error("missing", Subject::address(field), text)
}
