//! The fields that a delivery address needs before a parcel can be sent there.

use super::options::PricedOption;
use crate::cart::Cart;
use crate::contact::Address;
use crate::message::{Message, MessageSeverity, Subject};

/// Whether options of this kind deliver to the buyer's address. Downloads and pickups do not.
pub(super) fn requires_address(kind: &str) -> bool {
    !matches!(kind, "digital" | "pickup")
}

/// Countries whose addresses need a state or province and a postal code.
const WITH_REGIONS: [&str; 2] = ["US", "CA"];

/// An error for each blank field of an address that was given, unless a plugin has reported it already. If downloads and pickups
/// are all that is offered, no address is needed.
pub(super) fn missing_address_fields(cart: &Cart, options: &[PricedOption], reported: &[Message]) -> Vec<Message> {
    let kinds = || options.iter().map(|option| option.offered.kind.as_str());
    if !options.is_empty() && !kinds().any(requires_address) {
        return Vec::new();
    }
    let of_groups = cart.groups.iter().filter_map(|group| group.destination.as_ref());
    let mut missing: Vec<Message> = Vec::new();
    for message in cart
        .destination()
        .into_iter()
        .chain(of_groups)
        .flat_map(|given| missing_fields(given, reported))
    {
        if !missing.contains(&message) {
            missing.push(message);
        }
    }
    missing
}

fn missing_fields(destination: &Address, reported: &[Message]) -> Vec<Message> {
    let missing = required_fields(destination)
        .filter(|(_, _, value)| value.trim().is_empty())
        .map(|(field, name, _)| {
            let about = Subject::Address(Some(field.to_owned()));
            Message::error("missing", about, format!("The delivery address has no {name}."))
        });
    missing
        .filter(|message| !is_reported(reported, &message.about))
        .collect()
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
