//! What the host says about delivery addresses: fields that are needed before a parcel can be sent there, states that do not exist,
//! countries that were read by another code.

use super::options::PricedOption;
use crate::cart::Cart;
use crate::contact::Address;
use crate::message::{Message, MessageSeverity, Subject};
use crate::places::{Country, State, example_state};
use crate::text::is_blank;

/// Whether options of this kind deliver to the buyer's address. Downloads and pickups do not.
pub(super) fn requires_address(kind: &str) -> bool {
    !matches!(kind, "digital" | "pickup")
}

/// Countries whose addresses need a state or province and a postal code.
const WITH_REGIONS: [&str; 2] = ["US", "CA"];

/// An info for each country that was read by another code. If a parcel may be sent, an error for each field of an address that is
/// blank or has no state of its country, unless a plugin has reported the field already. If downloads and pickups are all that is
/// offered, no address is needed.
pub(super) fn messages(cart: &Cart, options: &[PricedOption], reported: &[Message]) -> Vec<Message> {
    let kinds = || options.iter().map(|option| option.offered.kind.as_str());
    let is_needed = options.is_empty() || kinds().any(requires_address);
    let of_groups = cart.groups.iter().filter_map(|group| group.destination.as_ref());
    let mut messages: Vec<Message> = Vec::new();
    for address in cart.destination().into_iter().chain(of_groups) {
        let errors = missing_fields(address).chain(unknown_state(address));
        let errors = errors.filter(|error| is_needed && !is_reported(reported, &error.about));
        for message in renamed_country(address).into_iter().chain(errors) {
            if !messages.contains(&message) {
                messages.push(message);
            }
        }
    }
    messages
}

fn about(field: &str) -> Subject {
    Subject::Address(Some(field.to_owned()))
}

fn missing_fields(destination: &Address) -> impl Iterator<Item = Message> {
    required_fields(destination)
        .filter(|(_, _, value)| is_blank(value))
        .map(|(field, name, _)| Message::error("missing", about(field), format!("The delivery address has no {name}.")))
}

/// The state of an address where states are written with codes, and the text is none of them.
fn unknown_state(destination: &Address) -> Option<Message> {
    let example = example_state(&destination.country)?;
    let country = destination.country.parse::<Country>().ok()?.name();
    let text =
        format!("The delivery address names no state or province of {country}: give its code, such as {example}.");
    let unknown = State::read(&destination.country, &destination.region) == State::Unknown;
    unknown.then(|| Message::error("invalid", about("state"), text))
}

/// The country of an address that was written with a code that is not assigned.
fn renamed_country(destination: &Address) -> Option<Message> {
    let alias = destination.country_alias.as_deref()?;
    let country = destination.country.parse::<Country>().ok()?;
    let (code, name) = (country.code(), country.name());
    let text = format!("The country of the address was read as {code} ({name}): {alias} is not its code.");
    Some(Message::info(about("country"), text))
}

/// Field name in the protocols, name for the buyer, and value of each needed field. The recipient's name is not needed.
fn required_fields(destination: &Address) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
    let everywhere = [
        ("country", "country", destination.country.as_str()),
        ("line_one", "street", destination.line_one.as_str()),
        ("city", "city", destination.city.as_str()),
    ];
    let in_some = [
        ("state", "state or province", destination.region.as_str()),
        ("postal_code", "postal code", destination.postal_code.as_str()),
    ];
    let regional = WITH_REGIONS.contains(&destination.country.as_str());
    everywhere
        .into_iter()
        .chain(in_some.into_iter().filter(move |_| regional))
}

fn is_reported(reported: &[Message], about: &Subject) -> bool {
    reported
        .iter()
        .any(|message| message.severity == MessageSeverity::Error && message.about == *about)
}
