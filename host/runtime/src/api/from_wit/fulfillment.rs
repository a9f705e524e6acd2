//! Fulfillment options, and the places where goods are picked up.

use super::address::address;
use super::{line_id, messages, wit};
use crate::api::bindings::tillhouse::merchant::fulfillment_types::{FulfillmentOption, Offer, Place};
use crate::api::check;
use tillhouse_checkout::cart::Choice;
use tillhouse_checkout::decision::{FulfillmentOffer, OfferedOption, PickupPlace};
use tillhouse_checkout::ids::{GroupId, OptionId};
use tillhouse_checkout::time::Timestamp;

/// Kind of the options that have a place.
const PICKUP: &str = "pickup";

pub(crate) fn offer(offer: Offer) -> Result<FulfillmentOffer, String> {
    Ok(FulfillmentOffer {
        options: check::list("options", offer.options, check::OPTIONS, option)?,
        preselected: check::list("preselected", offer.preselected, check::LINES, choice)?,
        messages: messages(offer.messages)?,
    })
}

fn option(option: FulfillmentOption) -> Result<OfferedOption, String> {
    let place = option.place.filter(|_| option.kind == PICKUP);
    Ok(OfferedOption {
        id: OptionId::new(check::text("option.id", option.id, check::ID)?),
        kind: check::text("option.kind", option.kind, check::ID)?,
        title: check::text("option.title", option.title, check::TEXT)?,
        description: check::optional("option.description", option.description, check::TEXT)?,
        carrier: check::optional("option.carrier", option.carrier, check::ID)?,
        earliest: option.earliest.map(Timestamp),
        latest: option.latest.map(Timestamp),
        price: option.price,
        tax_included: option.tax_included,
        lines: check::list("option.lines", option.lines, check::LINES, line_id)?,
        group: check::optional("option.group", option.group, check::ID)?.map(GroupId::new),
        place: place.map(pickup_place).transpose()?,
        pickup_type: check::optional("option.pickup-type", option.pickup_type, check::ID)?,
        ready_by: option.ready_by.map(Timestamp),
        pickup_by: option.pickup_by.map(Timestamp),
    })
}

fn choice(choice: wit::Choice) -> Result<Choice, String> {
    Ok(Choice {
        option: OptionId::new(check::text("preselected.option", choice.option, check::ID)?),
        lines: check::list("preselected.lines", choice.lines, check::LINES, line_id)?,
    })
}

/// A place that the buyer cannot find violates the contract.
fn pickup_place(place: Place) -> Result<PickupPlace, String> {
    let at = &place.address;
    for (field, value) in [
        ("place.name", &place.name),
        ("place.address.line-one", &at.line_one),
        ("place.address.city", &at.city),
        ("place.address.country", &at.country),
    ] {
        check::not_blank(field, value)?;
    }
    Ok(PickupPlace {
        id: check::optional("place.id", place.id, check::ID)?,
        name: check::text("place.name", place.name, check::TEXT)?,
        address: address("place.address", place.address)?,
        phone: check::optional("place.phone", place.phone, check::TEXT)?,
        instructions: check::optional("place.instructions", place.instructions, check::TEXT)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            id: Some("downtown".into()),
            name: "Acme Downtown".into(),
            address: wit::Address {
                name: String::new(),
                company: String::new(),
                line_one: "1 Main St".into(),
                line_two: String::new(),
                city: "Portland".into(),
                region: String::new(),
                country: "US".into(),
                postal_code: String::new(),
            },
            phone: None,
            instructions: Some("Ring twice".into()),
        }
    }

    fn offered(kind: &str, place: Option<Place>) -> Result<OfferedOption, String> {
        option(FulfillmentOption {
            id: "collect".into(),
            kind: kind.into(),
            title: "Collect".into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            price: 0,
            tax_included: false,
            lines: vec![],
            group: None,
            place,
            pickup_type: None,
            ready_by: None,
            pickup_by: None,
            extensions: vec![],
        })
    }

    #[test]
    fn a_pickup_has_its_place_and_other_kinds_have_none() {
        let found = offered("pickup", Some(place())).unwrap().place.unwrap();
        assert_eq!(
            (found.id.as_deref(), found.name.as_str()),
            (Some("downtown"), "Acme Downtown")
        );
        assert_eq!((found.address.line_one.as_str(), found.phone), ("1 Main St", None));
        assert_eq!(offered("pickup", None).unwrap().place, None);
        assert_eq!(offered("shipping", Some(place())).unwrap().place, None);
    }

    #[test]
    fn a_place_that_cannot_be_found_violates_the_contract_and_the_field_is_named() {
        type Blank = fn(&mut Place);
        let cases: [(&str, Blank); 4] = [
            ("place.name", |place| place.name = "  ".into()),
            ("place.address.line-one", |place| place.address.line_one.clear()),
            ("place.address.city", |place| place.address.city = "\t".into()),
            ("place.address.country", |place| place.address.country.clear()),
        ];
        for (field, blank) in cases {
            let mut incomplete = place();
            blank(&mut incomplete);
            assert_eq!(offered("pickup", Some(incomplete)), Err(format!("{field} is blank")));
        }
        let mut long = place();
        long.instructions = Some("x".repeat(check::TEXT.bytes + 1));
        let error = offered("pickup", Some(long)).unwrap_err();
        assert!(error.starts_with("place.instructions has 1025 bytes"), "{error}");
    }
}
