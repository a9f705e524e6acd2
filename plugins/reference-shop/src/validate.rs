//! Validation of the whole configuration before the shop starts.

use tillhouse_amounts::rounding::Scope;
use tillhouse_places::{Country, State};
use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{
    discounts::{Rule, canonical},
    page, risk,
    shipping::{local_delivery::LocalDelivery, pickup::PickupPlace, zone::Zone},
    taxes::territory,
    time::UtcOffset,
};

/// Returns all problems of the configuration, each with its key.
pub(crate) fn problems() -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let entries = config::table("");
    let mut checked = "";
    for (key, value) in &entries {
        let mut parts = key.splitn(3, '.');
        if let (Some("discounts"), Some(code), Some(_)) = (parts.next(), parts.next(), parts.next()) {
            if code != checked {
                checked = code;
                collect(&mut problems, discount(code));
            }
        } else {
            collect(&mut problems, plain(key, value));
        }
    }
    zones(&mut problems);
    collect(&mut problems, places());
    collect(&mut problems, local_delivery());
    collect(&mut problems, permalink());
    for id in config::list("pricing.automatic") {
        if config::table(&format!("discounts.{id}.")).is_empty() {
            problems.push(Diagnostic::new(
                "pricing.automatic",
                format!("discount `{id}` is not defined"),
            ));
        }
    }
    problems
}

fn collect(problems: &mut Vec<Diagnostic>, checked: Result<(), Invalid>) {
    if let Err(invalid) = checked {
        let problem = Diagnostic::from(invalid);
        // A key that every discount depends on is reported once.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}

fn discount(code: &str) -> Result<(), Invalid> {
    if canonical(code).as_deref() != Some(code) {
        let text = "invalid code: use upper-case letters (of any script), digits, `-` and `_`";
        return Err(Invalid::new(format!("discounts.{code}"), text));
    }
    Rule::read(code).map(drop)
}

/// Checks a single key. Discounts, zones, places and the local delivery are checked as a whole.
fn plain(key: &str, value: &str) -> Result<(), Invalid> {
    let boolean = || config::flag(key, false).map(drop);
    let amount = || config::amount_text(key, value).map(drop);
    match key {
        "limits.max-quantity" => config::parse_text::<u32>(key, value).map(drop),
        "stock.low" => config::parse_text::<u64>(key, value).map(drop),
        "fees.gift-wrap.price" | "risk.max-order-total" => amount(),
        "fees.gift-wrap.always"
        | "fees.gift-wrap.per-unit"
        | "fees.gift-wrap.tax-included"
        | "shipping.tax-included"
        | "tax.fees"
        | "tax.exempt-business" => boolean(),
        "pricing.utc-offset" => config::parse_text::<UtcOffset>(key, value).map(drop),
        "tax.rounding" => config::parse_text::<Rounding>(key, value).map(drop),
        "tax.rounding-scope" => config::parse_text::<Scope>(key, value).map(drop),
        "risk.over-limit" => risk::blocks().map(drop),
        "limits.max-quantity-column"
        | "fees.gift-wrap.title"
        | "shipping.zones"
        | "shipping.preselect"
        | "pricing.automatic"
        | "pricing.undiscounted-categories"
        | "tax.untaxed-categories"
        | "orders.prefix"
        | "orders.permalink"
        | "tax.shipping.us"
        | "tax.shipping.eu" => Ok(()),
        _ => table_entry(key, value),
    }
}

fn table_entry(key: &str, value: &str) -> Result<(), Invalid> {
    if let Some(kind) = key.strip_prefix("links.") {
        return link(key, kind, value);
    }
    if let Some(state) = key.strip_prefix("tax.us.") {
        if !matches!(State::read("US", state), State::Code(code) if code == state) {
            return Err(Invalid::new(
                key,
                "expected the code of a US state in two upper-case letters, such as CA",
            ));
        }
        return config::parse_text::<Rate>(key, value).map(drop);
    }
    if let Some(code) = key.strip_prefix("tax.eu.") {
        country(key, code)?;
        return config::parse_text::<Rate>(key, value).map(drop);
    }
    if let Some(code) = key.strip_prefix("tax.outside.") {
        country(key, code)?;
        return territory::patterns(key, value).map(drop);
    }
    if let Some(code) = key.strip_prefix("tax.treated-as.") {
        country(key, code)?;
        return country(key, value);
    }
    if ["shipping.zone.", "pickup.place.", "local-delivery."]
        .iter()
        .any(|table| key.starts_with(table))
    {
        Ok(())
    } else {
        Err(Invalid::new(key, "is not a key of this plugin"))
    }
}

fn country(key: &str, code: &str) -> Result<(), Invalid> {
    Country::configured(code)
        .map(drop)
        .map_err(|expected| Invalid::new(key, expected))
}

fn link(key: &str, kind: &str, url: &str) -> Result<(), Invalid> {
    if !page::KINDS.contains(&kind) {
        return Err(Invalid::new(
            key,
            format!("unknown kind of page; expected one of: {}", page::KINDS.join(", ")),
        ));
    }
    absolute(key, url)
}

fn absolute(key: &str, url: &str) -> Result<(), Invalid> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) {
        Ok(())
    } else {
        Err(Invalid::new(
            key,
            format!("`{url}` is not an absolute http or https URL"),
        ))
    }
}

fn permalink() -> Result<(), Invalid> {
    let key = "orders.permalink";
    let url = config::required(key)?;
    if !url.contains("{id}") && !url.contains("{number}") {
        return Err(Invalid::new(
            key,
            "must contain `{id}` or `{number}`; otherwise all orders have the same page",
        ));
    }
    absolute(key, &url)
}

/// Checks the places where goods are picked up.
fn places() -> Result<(), Invalid> {
    for place in PickupPlace::all()? {
        let (key, code) = place.country();
        country(&key, code)?;
    }
    Ok(())
}

fn local_delivery() -> Result<(), Invalid> {
    let Some(delivery) = LocalDelivery::read()? else {
        return Ok(());
    };
    let (key, code) = delivery.country();
    country(&key, code)
}

fn zones(problems: &mut Vec<Diagnostic>) {
    let names = match config::required("shipping.zones") {
        Ok(names) => names,
        Err(invalid) => return problems.push(invalid.into()),
    };
    for name in config::split(&names) {
        let zone = Zone::read(name);
        if !zone.has_countries() {
            let text = "is required: country codes separated by commas, or `*`";
            problems.push(Diagnostic::new(format!("shipping.zone.{name}.countries"), text));
        }
        for (key, code) in zone.country_codes() {
            collect(problems, country(&key, code));
        }
        match zone.services() {
            Ok(services) if services.is_empty() => {
                let text = "has no shipping service; add a table such as `standard` with a `price`";
                problems.push(Diagnostic::new(format!("shipping.zone.{name}"), text));
            }
            Ok(_) => {}
            Err(invalid) => problems.push(invalid.into()),
        }
    }
    let unlisted = config::table("shipping.zone.").into_iter().find(|(field, _)| {
        let name = field.split('.').next().unwrap_or_default();
        !config::split(&names).any(|listed| listed == name)
    });
    if let Some((field, _)) = unlisted {
        problems.push(Diagnostic::new(
            format!("shipping.zone.{field}"),
            "belongs to a zone that is not listed in shipping.zones",
        ));
    }
}

#[cfg(test)]
mod tests;
