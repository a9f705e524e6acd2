//! Shipping zones from the configuration, in tables `shipping.zone.NAME`.

use tillhouse_plugin::{config::Invalid, prelude::*};

use super::parcel::Parcel;
use crate::time::DAY_MS;

/// Shipping zone with the configuration of its services.
#[derive(Debug)]
pub(crate) struct Zone {
    prefix: String,
    fields: Vec<(String, String)>,
}

impl Zone {
    /// Finds the first zone of `shipping.zones` that contains the destination.
    pub(super) fn of(destination: &Address) -> Result<Option<Self>, Failure> {
        for name in config::split(&config::required("shipping.zones")?) {
            let zone = Self::read(name);
            if zone.has(destination) {
                return Ok(Some(zone));
            }
        }
        Ok(None)
    }

    /// Reads the zone with this name.
    pub(crate) fn read(name: &str) -> Self {
        let prefix = format!("shipping.zone.{name}.");
        Self {
            fields: config::table(&prefix),
            prefix,
        }
    }

    /// Whether the zone lists any country.
    pub(crate) fn has_countries(&self) -> bool {
        self.list("countries").next().is_some()
    }

    /// The codes of the countries that the zone lists, each with its key.
    pub(crate) fn country_codes(&self) -> impl Iterator<Item = (String, &str)> {
        ["countries", "except-countries"].into_iter().flat_map(move |field| {
            let codes = self.list(field).filter(|code| *code != "*");
            codes.map(move |code| (format!("{}{field}", self.prefix), code))
        })
    }

    fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let text = self
            .fields
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, text)| text.as_str());
        config::split(text)
    }

    fn has(&self, destination: &Address) -> bool {
        let mut countries = self.list("countries");
        countries.any(|country| country == "*" || destination.in_country(country))
            && !self
                .list("except-countries")
                .any(|country| destination.in_country(country))
            && !self
                .list("except-regions")
                .any(|region| destination.region.eq_ignore_ascii_case(region))
    }

    /// Reads the services of the zone. Each table below the zone is a service; its name is the id of the fulfillment option.
    pub(crate) fn services(&self) -> Result<Vec<Service<'_>>, Invalid> {
        let mut services: Vec<Service<'_>> = Vec::new();
        for (field, text) in &self.fields {
            let Some((name, property)) = field.split_once('.') else {
                self.check_own(field)?;
                continue;
            };
            if services.last().is_none_or(|service| service.id != name) {
                services.push(Service::new(name));
            }
            if let Some(service) = services.last_mut() {
                service.set(property, text, || format!("{}{field}", self.prefix))?;
            }
        }
        for service in &services {
            if is_own(service.id) {
                let text = "is the id of a pickup or of the local delivery; give the service another name";
                return Err(Invalid::new(format!("{}{}", self.prefix, service.id), text));
            }
            service.check(|field| format!("{}{}.{field}", self.prefix, service.id))?;
        }
        Ok(services)
    }

    fn check_own(&self, field: &str) -> Result<(), Invalid> {
        match field {
            "countries" | "except-countries" | "except-regions" => Ok(()),
            _ => Err(Invalid::new(
                format!("{}{field}", self.prefix),
                "is not a property of a zone",
            )),
        }
    }
}

/// Shipping service of a zone.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    id: &'a str,
    title: Option<&'a str>,
    description: Option<&'a str>,
    carrier: Option<&'a str>,
    price: Option<Amount>,
    per_kg: Amount,
    free_over: Option<Amount>,
    days: Option<(u16, u16)>,
}

impl<'a> Service<'a> {
    fn new(id: &'a str) -> Self {
        Self {
            id,
            title: None,
            description: None,
            carrier: None,
            price: None,
            per_kg: Amount::ZERO,
            free_over: None,
            days: None,
        }
    }

    /// Reads a service from its fields; `key` is the key of one.
    pub(super) fn read(
        id: &'a str,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
        key: impl Fn(&str) -> String,
    ) -> Result<Self, Invalid> {
        let mut service = Self::new(id);
        for (field, text) in fields {
            service.set(field, text, || key(field))?;
        }
        service.check(key)?;
        Ok(service)
    }

    fn check(&self, key: impl Fn(&str) -> String) -> Result<(), Invalid> {
        match self.price {
            Some(_) => Ok(()),
            None => Err(Invalid::new(key("price"), "is required")),
        }
    }

    fn set(&mut self, property: &str, text: &'a str, key: impl Fn() -> String) -> Result<(), Invalid> {
        match property {
            "title" => self.title = Some(text),
            "description" => self.description = Some(text),
            "carrier" => self.carrier = Some(text),
            "price" => self.price = Some(config::amount_text(&key(), text)?),
            "per-kg" => self.per_kg = config::amount_text(&key(), text)?,
            "free-over" => self.free_over = Some(config::amount_text(&key(), text)?),
            "days" => {
                let range = days(text).ok_or_else(|| Invalid::new(key(), "expected days until arrival, 3 or 3-5"))?;
                self.days = Some(range);
            }
            _ => return Err(Invalid::new(key(), "is not a property of a shipping service")),
        }
        Ok(())
    }

    /// Creates the option for a parcel: free from the threshold, otherwise the price plus a price per started kilogram.
    pub(super) fn option(&self, now: u64, parcel: &Parcel<'_>) -> Result<FulfillmentOption, Failure> {
        let free = self.free_over.is_some_and(|threshold| parcel.subtotal >= threshold);
        let by_weight = self.per_kg.times(parcel.grams.div_ceil(1_000))?;
        let price = if free {
            Amount::ZERO
        } else {
            self.price.unwrap_or_default().plus(by_weight)?
        };
        let mut option = FulfillmentOption::shipping(self.id, self.title.unwrap_or(self.id), price);
        option.description = self.description.map(str::to_owned);
        option.carrier = self.carrier.map(str::to_owned);
        // Round to whole days, so that the answer is the same all day.
        let arrival = |days: u16| (now / DAY_MS + u64::from(days)) * DAY_MS;
        option.earliest = self.days.map(|(first, _)| arrival(first));
        option.latest = self.days.map(|(_, last)| arrival(last));
        Ok(option)
    }
}

/// Whether an option that the shop provides itself has this id, or may have.
fn is_own(id: &str) -> bool {
    id == super::local_delivery::TABLE || id.starts_with(super::pickup::ID_PREFIX)
}

fn days(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}
