//! Fulfillment: shipping by zone, delivery by the shop itself, pickup, and digital delivery.

use tillhouse_plugin::prelude::*;

use crate::Shop;

pub(crate) mod local_delivery;
mod parcel;
pub(crate) mod pickup;
pub(crate) mod zone;

use self::{parcel::Parcel, zone::Zone};

/// Number of options that the contract allows.
const MAX_OPTIONS: usize = 50;

impl Fulfillment for Shop {
    fn options(ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        let parcels = parcel::of_cart(&cart, &amounts)?;
        if parcels.len() > MAX_OPTIONS {
            let text = format!("This shop delivers one order to at most {MAX_OPTIONS} places.");
            return Err(Failure::rejected("maximum_exceeded", Subject::session(), text));
        }
        let mut offer = Offer::default();
        for parcel in parcels {
            add(&mut offer, &parcel, offer_of(&ctx, &parcel)?)?;
        }
        if offer.options.len() > MAX_OPTIONS {
            let preselected = core::mem::take(&mut offer.preselected);
            offer.options.retain(|option| is_among(&preselected, option));
            offer.preselected = preselected;
        }
        Ok(offer)
    }
}

/// Adds the offer of one parcel to that of the cart.
fn add(offer: &mut Offer, parcel: &Parcel<'_>, of_parcel: Offer) -> Result<(), Failure> {
    for message in of_parcel.messages {
        if !offer.messages.contains(&message) {
            offer.messages.push(message);
        }
    }
    for option in of_parcel.options {
        let is_preselected = is_among(&of_parcel.preselected, &option);
        let option = parcel.label(option)?;
        if is_preselected {
            offer.preselected.push(Choice::of(option.id.as_str()));
        }
        offer.options.push(option);
    }
    Ok(())
}

fn is_among(choices: &[Choice], option: &FulfillmentOption) -> bool {
    choices.iter().any(|choice| choice.option == option.id)
}

/// The options of one parcel, under the ids of their services.
fn offer_of(ctx: &Context, parcel: &Parcel<'_>) -> Result<Offer, Failure> {
    if !parcel.physical {
        let download = FulfillmentOption::digital("digital", "Digital delivery");
        return Ok(Offer::preselecting(download));
    }
    let mut offer = if parcel.allows("shipping") {
        shipped(ctx, parcel)?
    } else {
        Offer::default()
    };
    let tax_included = config::flag("shipping.tax-included", false)?;
    let mut own = Vec::new();
    if parcel.allows("local_delivery") {
        own.extend(local_delivery::option(ctx.now, parcel)?);
    }
    if parcel.allows("pickup") {
        own.extend(pickup::options(ctx.now, parcel)?);
    }
    offer
        .options
        .extend(own.into_iter().map(|option| option.including_tax(tax_included)));
    if let Some(group) = parcel.group() {
        settle(&mut offer, group, parcel);
    }
    Ok(offer)
}

/// A group that asks for one kind gets the first option of it preselected, unless the buyer has to choose a place, or is told that
/// there is none.
fn settle(offer: &mut Offer, group: &Group, parcel: &Parcel<'_>) {
    if let Some(first) = offer.options.first() {
        if offer.preselected.is_empty() && (group.kind != "pickup" || offer.options.len() == 1) {
            offer.preselected.push(Choice::of(first.id.as_str()));
        }
        return;
    }
    let told = match group.kind.as_str() {
        "digital" => problem("unsupported", Subject::session(), "These goods cannot be downloaded."),
        "pickup" => problem(
            "unsupported",
            Subject::session(),
            "There is no such place to pick goods up.",
        ),
        // The host asks for an address of lines without options.
        "local_delivery" if parcel.destination.is_some() => {
            let text = "This shop does not deliver to this address itself; ask for shipping.";
            problem("region_restricted", Subject::address("postal_code"), text)
        }
        _ => return,
    };
    offer.messages.extend(told.messages);
}

/// The options of the carriers.
fn shipped(ctx: &Context, parcel: &Parcel<'_>) -> Result<Offer, Failure> {
    match parcel.destination {
        // The host asks for an address of lines without options.
        None => Ok(Offer::default()),
        Some(destination) if destination.country.trim().is_empty() => Ok(missing_country()),
        Some(destination) => match Zone::of(destination)? {
            Some(zone) => services(ctx, &zone, parcel),
            None => Ok(undeliverable(destination)),
        },
    }
}

/// Offers the services of a zone, cheapest first. `shipping.preselect` names the one that is preselected.
fn services(ctx: &Context, zone: &Zone, parcel: &Parcel<'_>) -> Result<Offer, Failure> {
    let tax_included = config::flag("shipping.tax-included", false)?;
    let services = zone.services()?;
    let mut options = Vec::with_capacity(services.len());
    for service in &services {
        options.push(service.option(ctx.now, parcel)?.including_tax(tax_included));
    }
    options.sort_by_key(|option| option.price);
    let wanted = config::get("shipping.preselect");
    let preselected = options
        .iter()
        .find(|option| Some(&option.id) == wanted.as_ref())
        .or(options.first());
    Ok(Offer {
        preselected: preselected
            .map(|option| Choice::of(option.id.as_str()))
            .into_iter()
            .collect(),
        options,
        messages: Vec::new(),
    })
}

fn problem(code: &str, about: Subject, text: impl Into<String>) -> Offer {
    Offer {
        messages: vec![Message::error(code, about, text)],
        ..Offer::default()
    }
}

/// Without a country no zone matches, not even one with `countries = "*"`.
fn missing_country() -> Offer {
    let text = "The delivery address has no country.";
    problem("missing", Subject::address("country"), text)
}

fn undeliverable(destination: &Address) -> Offer {
    let place = &destination.country;
    let region = if destination.region.is_empty() {
        String::new()
    } else {
        format!(" ({})", destination.region)
    };
    let text = format!("This shop does not deliver to {place}{region}.");
    problem("region_restricted", Subject::address("country"), text)
}

#[cfg(test)]
mod tests;
