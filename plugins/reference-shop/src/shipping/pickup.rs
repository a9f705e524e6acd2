//! Pickup: places from the configuration, in tables `pickup.place.ID`.

use tillhouse_plugin::{config::Invalid, prelude::*};

use super::parcel::Parcel;
use crate::time::{DAY_MS, HOUR_MS};

/// Beginning of the ids of the options; the id of the place follows.
pub(super) const ID_PREFIX: &str = "pickup-";

/// Kinds of pickup that protocols have names for.
const KINDS: [&str; 3] = ["in_store", "curbside", "locker"];

/// A place where buyers pick goods up, and on which terms.
#[derive(Debug)]
pub(crate) struct PickupPlace {
    id: String,
    name: Option<String>,
    address: Address,
    phone: Option<String>,
    instructions: Option<String>,
    kind: Option<String>,
    price: Amount,
    ready_hours: Option<u32>,
    kept_days: Option<u32>,
}

impl PickupPlace {
    /// All places, in the order of their ids.
    pub(crate) fn all() -> Result<Vec<Self>, Invalid> {
        let mut places: Vec<Self> = Vec::new();
        for (field, text) in config::table("pickup.place.") {
            let key = format!("pickup.place.{field}");
            let Some((id, property)) = field.split_once('.') else {
                return Err(Invalid::new(key, "expected a table of properties of a place"));
            };
            if places.last().is_none_or(|place| place.id != id) {
                places.push(Self::new(id));
            }
            if let Some(place) = places.last_mut() {
                place.set(property, text, &key)?;
            }
        }
        places.iter().try_for_each(Self::check)?;
        Ok(places)
    }

    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            address: Address::new("", "", ""),
            phone: None,
            instructions: None,
            kind: None,
            price: Amount::ZERO,
            ready_hours: None,
            kept_days: None,
        }
    }

    fn set(&mut self, property: &str, text: String, key: &str) -> Result<(), Invalid> {
        match property {
            "name" => self.name = Some(text),
            "line-one" => self.address.line_one = text,
            "line-two" => self.address.line_two = text,
            "city" => self.address.city = text,
            "region" => self.address.region = text,
            "postal-code" => self.address.postal_code = text,
            "country" => self.address.country = text,
            "phone" => self.phone = Some(text),
            "instructions" => self.instructions = Some(text),
            "type" if KINDS.contains(&text.as_str()) => self.kind = Some(text),
            "type" => return Err(Invalid::new(key, format!("expected one of: {}", KINDS.join(", ")))),
            "price" => self.price = config::amount_text(key, &text)?,
            "ready-hours" => self.ready_hours = Some(config::parse_text(key, &text)?),
            "kept-days" => self.kept_days = Some(config::parse_text(key, &text)?),
            _ => return Err(Invalid::new(key, "is not a property of a place")),
        }
        Ok(())
    }

    /// The contract wants the name of a place, and street, city and country.
    fn check(&self) -> Result<(), Invalid> {
        let required = [
            ("name", self.name.as_deref().unwrap_or_default()),
            ("line-one", &self.address.line_one),
            ("city", &self.address.city),
            ("country", &self.address.country),
        ];
        match required.into_iter().find(|(_, value)| value.trim().is_empty()) {
            Some((property, _)) => Err(Invalid::new(
                format!("pickup.place.{}.{property}", self.id),
                "is required",
            )),
            None => Ok(()),
        }
    }

    /// The code of its country.
    pub(crate) fn country(&self) -> (String, &str) {
        (format!("pickup.place.{}.country", self.id), &self.address.country)
    }

    /// Whether it is offered for a parcel: of a group that asks for a pickup each place, or the one that it names; else what is in the
    /// region of the delivery address, or in its country if the place has no region.
    fn serves(&self, parcel: &Parcel<'_>) -> bool {
        match parcel.group() {
            Some(group) if group.kind == "pickup" => group.location.as_ref().is_none_or(|wanted| *wanted == self.id),
            Some(_) => false,
            None => parcel.destination.is_some_and(|destination| {
                destination.in_country(&self.address.country)
                    && (self.address.region.is_empty() || destination.region.eq_ignore_ascii_case(&self.address.region))
            }),
        }
    }

    fn option(&self, now: u64) -> FulfillmentOption {
        let name = self.name.as_deref().unwrap_or_default();
        let mut address = self.address.clone();
        name.clone_into(&mut address.name);
        let place = Place {
            id: Some(self.id.clone()),
            phone: self.phone.clone(),
            instructions: self.instructions.clone(),
            ..Place::new(name, address)
        };
        // Round to whole hours, so that the answer is the same for a while.
        let ready = self
            .ready_hours
            .map(|hours| (now.div_ceil(HOUR_MS) + u64::from(hours)) * HOUR_MS);
        let kept = |days: u32| (ready.unwrap_or(now).div_ceil(DAY_MS) + u64::from(days)) * DAY_MS;
        FulfillmentOption {
            pickup_type: self.kind.clone(),
            ready_by: ready,
            pickup_by: self.kept_days.map(kept),
            ..FulfillmentOption::pickup(
                format!("{ID_PREFIX}{}", self.id),
                format!("Pick up at {name}"),
                self.price,
                place,
            )
        }
    }
}

/// The options of a parcel to pick it up.
pub(super) fn options(now: u64, parcel: &Parcel<'_>) -> Result<Vec<FulfillmentOption>, Failure> {
    let places = PickupPlace::all()?;
    let serving = places.iter().filter(|place| place.serves(parcel));
    Ok(serving.map(|place| place.option(now)).collect())
}

#[cfg(test)]
mod tests;
