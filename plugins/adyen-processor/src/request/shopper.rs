//! What Adyen is told of the shopper: for its risk rules, and for the address check of the issuer.

use serde::Serialize;
use tillhouse_plugin::{
    prelude::*,
    types::{Address, Buyer},
};

/// Length of a statement descriptor.
const STATEMENT_LENGTH: usize = 22;

/// Length of a code of a state or province.
const STATE_LENGTH: usize = 3;

/// Length of a postal code.
const POSTAL_CODE_LENGTH: usize = 10;

/// Length of a postal code in the United States: without the four digits after the dash.
const ZIP_LENGTH: usize = 5;

/// What stands for a house number or postal code that is not there; Adyen asks for both in every address.
const NONE: &str = "N/A";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shopper<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_address: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_address: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_email: Option<&'a str>,
    #[serde(rename = "shopperIP", skip_serializing_if = "Option::is_none")]
    shopper_ip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_name: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone_number: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Name<'a> {
    first_name: &'a str,
    last_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    city: &'a str,
    country: &'a str,
    house_number_or_name: &'a str,
    postal_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_or_province: Option<&'a str>,
    street: &'a str,
}

impl<'a> Shopper<'a> {
    pub(super) fn of(order: &'a ChargeOrder) -> Self {
        let buyer = order.buyer.as_ref();
        Self {
            billing_address: order.billing.as_ref().and_then(Place::of),
            delivery_address: order.shipping.as_ref().and_then(Place::of),
            shopper_email: buyer.and_then(|buyer| buyer.email.as_deref()),
            shopper_ip: order.device.ip.as_deref(),
            shopper_name: buyer.and_then(Name::of),
            telephone_number: buyer.and_then(|buyer| buyer.phone.as_deref()),
        }
    }
}

impl<'a> Name<'a> {
    /// Adyen takes both parts or neither.
    fn of(buyer: &'a Buyer) -> Option<Self> {
        let parts = buyer.first_name.as_deref().zip(buyer.last_name.as_deref());
        let whole = || buyer.name.as_deref()?.trim().rsplit_once(' ');
        let (first_name, last_name) = parts.or_else(whole)?;
        let is_whole = !first_name.is_empty() && !last_name.is_empty();
        is_whole.then_some(Self { first_name, last_name })
    }
}

impl<'a> Place<'a> {
    /// `None` for an address without a street, city or country: Adyen would refuse the payment for it.
    fn of(address: &'a Address) -> Option<Self> {
        if [&address.line_one, &address.city, &address.country]
            .iter()
            .any(|part| part.is_empty())
        {
            return None;
        }
        let longest = if address.country == "US" {
            ZIP_LENGTH
        } else {
            POSTAL_CODE_LENGTH
        };
        let region = address.region.as_str();
        Some(Self {
            city: &address.city,
            country: &address.country,
            house_number_or_name: or_none(&address.line_two),
            postal_code: or_none(first(&address.postal_code, longest)),
            state_or_province: (1..=STATE_LENGTH).contains(&region.len()).then_some(region),
            street: &address.line_one,
        })
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { NONE } else { text }
}

/// The first characters of a text.
fn first(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The statement descriptor with the characters that Adyen takes; `None` if none is left.
pub(super) fn statement(text: &str) -> Option<String> {
    let is_taken = |letter: &char| letter.is_ascii_alphanumeric() || " .,'_-?+*/".contains(*letter);
    let statement: String = text.chars().filter(is_taken).take(STATEMENT_LENGTH).collect();
    (!statement.trim().is_empty()).then_some(statement)
}
