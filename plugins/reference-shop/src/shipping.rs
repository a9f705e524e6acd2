//! Fulfillment: shipping by zone, and digital delivery.

use tillhouse_plugin::prelude::*;

use crate::Shop;

pub(crate) mod zone;

use self::zone::{Parcel, Zone};

impl Fulfillment for Shop {
    fn options(ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
        let mut parcel = Parcel {
            grams: 0,
            subtotal: Amount::sum(amounts.iter().map(|line| line.subtotal))?,
        };
        let mut physical = false;
        for (line, item) in cart.lines.iter().zip(catalog::get(&ids)) {
            let Some(item) = item.filter(|item| item.physical) else {
                continue;
            };
            physical = true;
            let weight = item.weight_grams.unwrap_or(0).saturating_mul(u64::from(line.quantity));
            parcel.grams = parcel.grams.saturating_add(weight);
        }
        if !physical {
            return Ok(Offer::preselecting(FulfillmentOption::digital(
                "digital",
                "Digital delivery",
            )));
        }
        let Some(destination) = cart.destination else {
            return Ok(Offer::default());
        };
        if destination.country.trim().is_empty() {
            return Ok(missing_country());
        }
        match Zone::of(&destination)? {
            Some(zone) => offer(&ctx, &zone, &parcel),
            None => Ok(undeliverable(&destination)),
        }
    }
}

/// Offers the services of a zone, cheapest first. `shipping.preselect` names the one that is preselected.
fn offer(ctx: &Context, zone: &Zone, parcel: &Parcel) -> Result<Offer, Failure> {
    let services = zone.services()?;
    let mut options = services
        .iter()
        .map(|service| service.option(ctx.now, parcel))
        .collect::<Result<Vec<_>, _>>()?;
    options.sort_by_key(|option| option.price);
    let wanted = config::get("shipping.preselect");
    let preselected = options
        .iter()
        .find(|option| Some(&option.id) == wanted.as_ref())
        .or(options.first());
    Ok(Offer {
        preselected: preselected.map(|option| option.id.clone()),
        options,
        messages: Vec::new(),
    })
}

/// Without a country no zone matches, not even one with `countries = "*"`.
fn missing_country() -> Offer {
    let text = "The delivery address has no country.";
    let message = Message::error("missing", Subject::address("country"), text);
    Offer {
        messages: vec![message],
        ..Offer::default()
    }
}

fn undeliverable(destination: &Address) -> Offer {
    let place = &destination.country;
    let region = if destination.region.is_empty() {
        String::new()
    } else {
        format!(" ({})", destination.region)
    };
    let text = format!("This shop does not deliver to {place}{region}.");
    let message = Message::error("region_restricted", Subject::address("country"), text);
    Offer {
        messages: vec![message],
        ..Offer::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use tillhouse_plugin::catalog::Item;

    use super::*;
    use crate::time::DAY_MS;

    fn host() -> testing::Host {
        let box_of_books = Item {
            weight_grams: Some(2_100),
            ..testing::item("books", 1_000)
        };
        let song = Item {
            physical: false,
            ..testing::item("song", 99)
        };
        testing::Host::new()
            .item(box_of_books)
            .item(song)
            .config("shipping.zones", "domestic, world")
            .config("shipping.zone.domestic.countries", "US")
            .config("shipping.zone.domestic.except-regions", "HI")
            .config("shipping.zone.domestic.standard.title", "Standard")
            .config("shipping.zone.domestic.standard.price", "599")
            .config("shipping.zone.domestic.standard.free-over", "5000")
            .config("shipping.zone.domestic.standard.days", "3-5")
            .config("shipping.zone.domestic.express.price", "1999")
            .config("shipping.zone.domestic.express.days", "1")
            .config("shipping.zone.world.countries", "*")
            .config("shipping.zone.world.except-countries", "KP")
            .config("shipping.zone.world.standard.price", "1000")
            .config("shipping.zone.world.standard.per-kg", "500")
    }

    fn options(item: &str, quantity: u32, destination: Option<(&str, &str)>) -> Offer {
        let mut cart = testing::cart(&[(item, quantity)]);
        cart.destination = destination.map(|(country, region)| testing::address(country, region));
        let subtotal = i64::from(quantity) * 1_000;
        let amount = LineAmount {
            line: "line_1".into(),
            item: item.into(),
            quantity,
            base: subtotal,
            discount: 0,
            subtotal,
        };
        Shop::options(testing::context("USD"), cart, vec![amount]).unwrap()
    }

    fn prices(offer: &Offer) -> Vec<(&str, i64)> {
        offer
            .options
            .iter()
            .map(|option| (option.id.as_str(), option.price))
            .collect()
    }

    #[test]
    fn the_first_zone_that_has_the_country_serves_it() {
        let _host = host().install();
        assert_eq!(
            prices(&options("books", 1, Some(("US", "CA")))),
            [("standard", 599), ("express", 1_999)]
        );
        assert_eq!(
            prices(&options("books", 1, Some(("FR", "")))),
            [("standard", 1_000 + 3 * 500)]
        );
    }

    #[test]
    fn an_excluded_region_falls_to_the_next_zone() {
        let _host = host().install();
        assert_eq!(
            prices(&options("books", 1, Some(("US", "hi")))),
            [("standard", 1_000 + 3 * 500)]
        );
    }

    #[test]
    fn shipping_is_free_from_the_threshold() {
        let _host = host().install();
        assert_eq!(prices(&options("books", 5, Some(("US", "CA"))))[0], ("standard", 0));
    }

    #[test]
    fn arrival_is_counted_in_days_from_today() {
        let _host = host().install();
        let offer = options("books", 1, Some(("US", "CA")));
        let today = testing::context("USD").now;
        assert_eq!(offer.options[0].earliest, Some(today + 3 * DAY_MS));
        assert_eq!(offer.options[0].latest, Some(today + 5 * DAY_MS));
        assert_eq!(offer.options[1].earliest, offer.options[1].latest);
    }

    #[test]
    fn preselection_follows_the_configuration() {
        let host = host().install();
        assert_eq!(
            options("books", 1, Some(("US", "CA"))).preselected.as_deref(),
            Some("standard")
        );
        host.set_config("shipping.preselect", "express");
        assert_eq!(
            options("books", 1, Some(("US", "CA"))).preselected.as_deref(),
            Some("express")
        );
    }

    #[test]
    fn an_undeliverable_address_is_an_error_about_the_address() {
        let _host = host().install();
        let offer = options("books", 1, Some(("KP", "")));
        assert!(offer.options.is_empty());
        assert_eq!(offer.messages[0].code.as_deref(), Some("region_restricted"));
        assert_eq!(offer.messages[0].about, Subject::address("country"));
    }

    #[test]
    fn an_address_without_a_country_is_in_no_zone() {
        let _host = host().install();
        for country in ["", " "] {
            let offer = options("books", 1, Some((country, "CA")));
            assert!(offer.options.is_empty());
            assert_eq!(offer.messages[0].code.as_deref(), Some("missing"));
            assert_eq!(offer.messages[0].about, Subject::address("country"));
        }
    }

    #[test]
    fn a_download_needs_no_address_and_a_parcel_does() {
        let _host = host().install();
        assert_eq!(options("song", 1, None).options[0].kind, "digital");
        let parcel = options("books", 1, None);
        assert!(parcel.options.is_empty() && parcel.messages.is_empty());
    }
}
