//! What the host says about delivery addresses: fields that are needed before a parcel can be sent there, states that do not exist,
//! countries that were read by another code.

use super::options::PricedOption;
use crate::cart::{Cart, FulfillmentKind};
use crate::contact::Address;
use crate::ids::GroupId;
use crate::message::{Message, MessageSeverity, Subject};
use crate::places::{Country, State, example_state};
use crate::text::is_blank;

/// Countries whose addresses need a state or province and a postal code.
const WITH_REGIONS: [&str; 2] = ["US", "CA"];

/// A delivery address, and what messages about it are about.
struct Destination<'a> {
    address: &'a Address,
    group: Option<&'a GroupId>,
    /// Whether goods may be sent there, so that it must be complete.
    is_needed: bool,
}

/// An info for each country that was read by another code. If a parcel may be sent, an error for each field of an address that is
/// blank or has no state of its country, unless a plugin has reported the field already. If downloads and pickups are all that is
/// offered, no address is needed.
pub(super) fn messages(cart: &Cart, options: &[PricedOption], reported: &[Message]) -> Vec<Message> {
    let goes_out = |option: &PricedOption| FulfillmentKind::named(&option.offered.kind).requires_address();
    let may_be_sent = options.is_empty() || options.iter().any(goes_out);
    let of_cart = cart.destination().map(|address| Destination {
        address,
        group: None,
        is_needed: may_be_sent && cart.uses_own_destination(),
    });
    let of_groups = cart.groups.iter().filter_map(|group| {
        Some(Destination {
            address: group.destination.as_ref()?,
            group: Some(&group.id),
            is_needed: may_be_sent && group.kind().requires_address(),
        })
    });
    let of_each = of_cart.into_iter().chain(of_groups);
    of_each.flat_map(|destination| destination.messages(reported)).collect()
}

impl Destination<'_> {
    fn messages(&self, reported: &[Message]) -> Vec<Message> {
        let errors = self.missing_fields().chain(self.unknown_state());
        let errors = errors.filter(|error| self.is_needed && !is_reported(reported, &error.about));
        self.renamed_country().into_iter().chain(errors).collect()
    }

    fn about(&self, field: &str) -> Subject {
        let field = Some(field.to_owned());
        match self.group {
            None => Subject::Address(field),
            Some(group) => Subject::GroupAddress(group.clone(), field),
        }
    }

    fn missing_fields(&self) -> impl Iterator<Item = Message> {
        let blank = required_fields(self.address).filter(|(_, _, value)| is_blank(value));
        blank.map(|(field, name, _)| {
            Message::error(
                "missing",
                self.about(field),
                format!("The delivery address has no {name}."),
            )
        })
    }

    /// The state of an address where states are written with codes, and the text is none of them.
    fn unknown_state(&self) -> Option<Message> {
        let example = example_state(&self.address.country)?;
        let country = self.address.country.parse::<Country>().ok()?.name();
        let text =
            format!("The delivery address names no state or province of {country}: give its code, such as {example}.");
        let unknown = State::read(&self.address.country, &self.address.region) == State::Unknown;
        unknown.then(|| Message::error("invalid", self.about("state"), text))
    }

    /// The country of an address that was written with a code that is not assigned.
    fn renamed_country(&self) -> Option<Message> {
        let alias = self.address.country_alias.as_deref()?;
        let country = self.address.country.parse::<Country>().ok()?;
        let (code, name) = (country.code(), country.name());
        let text = format!("The country of the address was read as {code} ({name}): {alias} is not its code.");
        Some(Message::info(self.about("country"), text))
    }
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

/// Whether a plugin reported the field, which it cannot say of one group alone.
fn is_reported(reported: &[Message], about: &Subject) -> bool {
    let about = match about {
        Subject::GroupAddress(_, field) => &Subject::Address(field.clone()),
        other => other,
    };
    reported
        .iter()
        .any(|message| message.severity == MessageSeverity::Error && message.about == *about)
}
