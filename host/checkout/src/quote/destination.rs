//! The fields that a delivery address needs before a parcel can be sent there.

use super::QuoteOption;
use crate::contact::Address;
use crate::message::{Message, MessageSeverity, Subject};

/// Whether the option delivers to the buyer's address. Downloads and pickups do not.
pub(super) fn requires_address(option: &QuoteOption) -> bool {
    !matches!(option.kind.as_str(), "digital" | "pickup")
}

/// Countries whose addresses need a state or province and a postal code.
const WITH_REGIONS: [&str; 2] = ["US", "CA"];

/// An error for each blank field, unless a plugin has reported it already. If downloads and pickups are all that is offered, no
/// address is needed.
pub(super) fn missing_address_fields(
    destination: &Address,
    options: &[QuoteOption],
    reported: &[Message],
) -> Vec<Message> {
    if !options.is_empty() && !options.iter().any(requires_address) {
        return Vec::new();
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OptionId;
    use crate::money::Amount;

    fn option(kind: &str) -> QuoteOption {
        QuoteOption {
            id: OptionId::new(kind),
            kind: kind.into(),
            title: kind.into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            subtotal: Amount::ZERO,
            tax: Amount::ZERO,
            total: Amount::ZERO,
            lines: Vec::new(),
            place: None,
        }
    }

    fn address(country: &str, region: &str, postal_code: &str) -> Address {
        Address {
            line_one: "1 Main St".into(),
            city: "Town".into(),
            region: region.into(),
            country: country.into(),
            postal_code: postal_code.into(),
            ..Address::default()
        }
    }

    fn fields(destination: &Address, options: &[QuoteOption], reported: &[Message]) -> Vec<String> {
        let blanks = missing_address_fields(destination, options, reported).into_iter();
        blanks
            .map(|message| match (message.code.as_deref(), message.about) {
                (Some("missing"), Subject::Address(Some(field))) => field,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn every_blank_field_of_a_destination_is_named() {
        let shipping = [option("digital"), option("shipping")];
        assert_eq!(
            fields(&Address::default(), &shipping, &[]),
            ["country", "line_one", "city"]
        );
        let spaces = Address {
            city: " \t".into(),
            ..address("US", "CA", "94105")
        };
        assert_eq!(fields(&spaces, &shipping, &[]), ["city"]);
        assert_eq!(fields(&Address::default(), &[], &[]), ["country", "line_one", "city"]);
    }

    #[test]
    fn state_and_postal_code_are_needed_in_the_united_states_and_canada_only() {
        let shipping = [option("shipping")];
        for country in ["US", "CA"] {
            assert_eq!(
                fields(&address(country, "", ""), &shipping, &[]),
                ["state", "postal_code"]
            );
        }
        assert!(fields(&address("IE", "", ""), &shipping, &[]).is_empty());
        assert!(fields(&address("US", "CA", "94105"), &shipping, &[]).is_empty());
    }

    #[test]
    fn downloads_and_pickups_need_no_address() {
        assert!(fields(&Address::default(), &[option("digital")], &[]).is_empty());
        assert!(fields(&Address::default(), &[option("digital"), option("pickup")], &[]).is_empty());
    }

    #[test]
    fn a_message_of_the_plugin_is_not_repeated() {
        let about = |field: &str| Subject::Address(Some(field.to_owned()));
        let reported = [
            Message::error("invalid", about("country"), "No"),
            Message::info(about("city"), "Nice"),
        ];
        assert_eq!(fields(&Address::default(), &[], &reported), ["line_one", "city"]);
    }
}
