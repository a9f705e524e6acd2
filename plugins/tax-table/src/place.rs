//! Where an order goes, spelled as the table spells it.

use tillhouse_plugin::prelude::*;

use crate::postal;

/// A destination. What the buyer did not say is empty.
#[derive(Debug)]
pub(crate) struct Place {
    /// ISO 3166-1 alpha-2, upper case.
    pub(crate) country: String,
    /// Upper case.
    pub(crate) region: String,
    /// As [`postal::plain`] has it.
    pub(crate) postal_code: String,
}

impl Place {
    /// The place of an address.
    pub(crate) fn of(address: &Address) -> Self {
        let country = address.country.trim().to_ascii_uppercase();
        Self {
            region: address.region.trim().to_ascii_uppercase(),
            postal_code: postal::plain(&country, &address.postal_code),
            country,
        }
    }

    /// What is wrong with it by itself: no country, or a region that the country does not have, where the operator says which
    /// it has (`regions.COUNTRY`).
    pub(crate) fn problem(&self) -> Option<Message> {
        if self.country.is_empty() {
            return Some(lacking("country"));
        }
        if !is_country(&self.country) {
            let text = "Give the country of the address by its two letters, such as US: the tax depends on it.";
            return Some(Message::error("invalid", Subject::address("country"), text));
        }
        let known = config::list(&format!("regions.{}", self.country));
        if known.is_empty() || known.contains(&self.region) {
            return None;
        }
        if self.region.is_empty() {
            return Some(lacking("state"));
        }
        let text = "Give the state or region of the address by its code, such as CA: the tax depends on it.";
        Some(Message::error("invalid", Subject::address("state"), text))
    }
}

/// Whether a text can be a country's code: a table is looked up by it.
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What stands in the way while the address lacks a field.
pub(crate) fn lacking(field: &'static str) -> Message {
    let name = match field {
        "postal_code" => "postal code",
        other => other,
    };
    let text = format!("Give the {name} of the address: the tax depends on it.");
    Message::error("missing", Subject::address(field), text)
}
