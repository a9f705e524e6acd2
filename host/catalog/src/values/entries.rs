//! Compound cells: entries with commas between, whose parts have colons between.

use std::collections::HashSet;

use tillhouse_places::Country;

use super::money::money;
use crate::problem::{Fault, shown};
use crate::rule::Rule;

/// What a fee may be counted by. Stripe's page names the part and not its values: these are the ones of `shipping_cost_basis`.
const FEE_BASES: [&str; 2] = ["per_item", "per_order"];
const RELATIONS: [&str; 4] = ["upsell", "cross_sell", "substitute", "accessory"];
const WARNINGS: [&str; 3] = ["legal_disclaimer", "safety_warning", "prop_65"];
/// The area that stands for a whole country.
const ALL: &str = "ALL";

/// `country:region:label:amount[:basis]`.
pub(crate) fn fees(text: &str, fault: &mut dyn FnMut(Fault)) {
    each(text, fault, |entry| {
        let parts: Vec<&str> = entry.split(':').map(str::trim).collect();
        let (country, region, label, amount, basis) = match *parts.as_slice() {
            [country, region, label, amount] => (country, region, label, amount, None),
            [country, region, label, amount, basis] => (country, region, label, amount, Some(basis)),
            _ => {
                return Err(wrong_parts(
                    entry,
                    "US:CA:Recycling Fee:0.25 USD",
                    "country:region:label:amount",
                ));
            }
        };
        country_code(country)?;
        self::region(region)?;
        named(entry, label)?;
        money(amount)?;
        match basis {
            Some(basis) if !FEE_BASES.contains(&basis) => {
                let message = format!("has the basis {}, not per_item or per_order", shown(basis));
                Err(Fault::new(
                    Rule::FeeBasis,
                    message,
                    "write one of these, or leave it away",
                ))
            }
            _ => Ok(()),
        }
    });
}

/// `country:area:service:speed:price`.
pub(crate) fn shipping(text: &str, fault: &mut dyn FnMut(Fault)) {
    each(text, fault, |entry| {
        let parts: Vec<&str> = entry.split(':').map(str::trim).collect();
        let &[country, area, service, speed, price] = parts.as_slice() else {
            let example = "US:ALL:Standard:3-5:4.99 USD";
            return Err(wrong_parts(entry, example, "country:area:service:speed:price"));
        };
        country_code(country)?;
        self::area(country, area)?;
        named(entry, service)?;
        self::speed(speed)?;
        money(price).map(|_| ())
    });
}

/// `country:region:service:amount`, each service one of those in `shipping`.
pub(crate) fn thresholds(text: &str, shipping: &str, fault: &mut dyn FnMut(Fault)) {
    each(text, fault, |entry| {
        let parts: Vec<&str> = entry.split(':').map(str::trim).collect();
        let &[country, region, service, amount] = parts.as_slice() else {
            return Err(wrong_parts(
                entry,
                "US:ALL:Standard:50.00 USD",
                "country:region:service:amount",
            ));
        };
        country_code(country)?;
        self::region(region)?;
        named(entry, service)?;
        money(amount)?;
        let mut services = shipping.split(',').filter_map(|option| option.split(':').nth(2));
        if services.any(|known| known.trim() == service) {
            return Ok(());
        }
        let message = format!("names the service {}, which shipping does not have", shown(service));
        Err(Fault::new(
            Rule::ThresholdService,
            message,
            "name a service of shipping exactly as it is there",
        ))
    });
}

/// `type:id`, of other items than this one.
pub(crate) fn related(text: &str, id: &str, most: usize, fault: &mut dyn FnMut(Fault)) {
    let mut seen = HashSet::new();
    each(text, fault, |entry| {
        let (relation, target) = entry
            .split_once(':')
            .ok_or_else(|| wrong_parts(entry, "upsell:SKU12", "type:id"))?;
        let (relation, target) = (relation.trim(), target.trim());
        if !RELATIONS.contains(&relation) {
            let message = format!("has the type {}", shown(relation));
            return Err(Fault::new(
                Rule::RelatedType,
                message,
                "write upsell, cross_sell, substitute or accessory",
            ));
        }
        if target.is_empty() {
            return Err(wrong_parts(entry, "upsell:SKU12", "type:id"));
        }
        if target == id {
            return Err(Fault::new(
                Rule::RelatedSelf,
                "relates the item to itself",
                "name another item",
            ));
        }
        if !seen.insert(target) {
            let message = format!("names {} twice", shown(target));
            return Err(Fault::new(Rule::RelatedTwice, message, "keep one of its relations"));
        }
        Ok(())
    });
    at_most(text.split(',').count(), most, fault);
}

/// `type:message`. A message may have commas: what follows one is a warning of its own only if it begins with a type.
pub(crate) fn warnings(text: &str, most: usize, fault: &mut dyn FnMut(Fault)) {
    let starts = |entry: &str| {
        let kind = entry.split_once(':').map(|(kind, _)| kind.trim());
        kind.filter(|kind| WARNINGS.contains(kind) || (kind.contains('_') && !kind.contains(' ')))
            .map(str::to_owned)
    };
    let mut length = 0;
    for (index, entry) in text.split(',').enumerate() {
        match starts(entry) {
            Some(kind) if WARNINGS.contains(&kind.as_str()) => {
                let message = entry.split_once(':').map_or("", |(_, message)| message.trim());
                if message.is_empty() {
                    fault(wrong_parts(entry, "prop_65:Contains lead", "type:message"));
                }
                length = message.chars().count();
            }
            Some(kind) => fault(warning_type(&kind)),
            None if index == 0 => fault(warning_type(entry.split(':').next().unwrap_or_default())),
            None => length += 1 + entry.chars().count(),
        }
        if length > most {
            let message = format!("has a message of more than {most} characters");
            fault(Fault::new(Rule::TooLong, message, "shorten it"));
            return;
        }
    }
}

/// The messages of warnings, without their types. What is not in the form of warnings is one message.
pub(crate) fn warning_messages(text: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for entry in text.split(',') {
        let typed = entry
            .split_once(':')
            .filter(|(kind, _)| WARNINGS.contains(&kind.trim()));
        match (typed, messages.last_mut()) {
            (Some((_, message)), _) => messages.push(message.trim().to_owned()),
            (None, Some(last)) => last.extend([",", entry]),
            (None, None) => messages.push(entry.trim().to_owned()),
        }
    }
    messages
}

/// Ids with commas between.
pub(crate) fn ids(text: &str, fault: &mut dyn FnMut(Fault)) {
    each(text, fault, |_| Ok(()));
}

pub(crate) fn at_most(count: usize, most: usize, fault: &mut dyn FnMut(Fault)) {
    if count > most {
        let message = format!("has {count} entries; {most} are possible");
        fault(Fault::new(Rule::TooManyEntries, message, format!("keep {most}")));
    }
}

/// An assigned code, spelled as addresses have it.
pub(crate) fn country_code(code: &str) -> Result<(), Fault> {
    // The list of countries is long, and most entries are for one of these.
    if matches!(code, "US" | "CA" | "GB" | "DE" | "FR") {
        return Ok(());
    }
    Country::configured(code).map(|_| ()).map_err(|_| {
        let message = format!("has the country {}, which is not assigned", shown(code));
        Fault::new(
            Rule::CountryCode,
            message,
            "write two capital letters (ISO 3166-1), such as US or GB",
        )
    })
}

fn each<'a>(text: &'a str, fault: &mut dyn FnMut(Fault), mut check: impl FnMut(&'a str) -> Result<(), Fault>) {
    for entry in text.split(',') {
        let entry = entry.trim();
        if entry.is_empty() {
            fault(Fault::new(
                Rule::EntryEmpty,
                "has an empty entry",
                "remove the comma too many",
            ));
        } else if let Err(found) = check(entry) {
            fault(found);
        }
    }
}

fn wrong_parts(entry: &str, example: &str, parts: &str) -> Fault {
    let message = format!("has the entry {}, which is not {parts}", shown(entry));
    Fault::new(
        Rule::EntryParts,
        message,
        format!("write it as {example}; its names cannot have commas or colons"),
    )
}

fn warning_type(kind: &str) -> Fault {
    let message = format!("has a warning of the type {}", shown(kind));
    Fault::new(
        Rule::WarningType,
        message,
        "begin it with legal_disclaimer:, safety_warning: or prop_65:",
    )
}

fn named(entry: &str, name: &str) -> Result<(), Fault> {
    if name.is_empty() {
        let message = format!("has the entry {} without a name", shown(entry));
        return Err(Fault::new(Rule::EntryName, message, "name the service or the fee"));
    }
    Ok(())
}

fn is_region(region: &str) -> bool {
    (1..=3).contains(&region.len())
        && region
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn region(region: &str) -> Result<(), Fault> {
    if is_region(region) {
        return Ok(());
    }
    let message = format!("has the region {}", shown(region));
    Err(Fault::new(
        Rule::EntryArea,
        message,
        "write its code without the country (ISO 3166-2), such as CA, or ALL",
    ))
}

/// A region; in the US also a postal code, a range of them, or their beginning.
fn area(country: &str, area: &str) -> Result<(), Fault> {
    let postal = |code: &str| {
        let digits = code.strip_suffix('*').unwrap_or(code);
        let short = if digits.len() == code.len() { 5..=5 } else { 1..=4 };
        short.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let range = |(from, to): (&str, &str)| {
        let whole = !from.ends_with('*') && !to.ends_with('*');
        postal(from) && postal(to) && (!whole || from <= to)
    };
    let is_postal = area.split_once('-').map_or_else(|| postal(area), range);
    if area == ALL || (is_region(area) && !area.ends_with('*')) || (country == "US" && is_postal) {
        return Ok(());
    }
    let message = format!("has the area {}", shown(area));
    let help = "write a region such as CA, or ALL; for the US also a postal code (94012), a range (73114-74547) or a beginning (94*)";
    Err(Fault::new(Rule::EntryArea, message, help))
}

/// `3`, `3-5`, or nothing.
fn speed(speed: &str) -> Result<(), Fault> {
    let (from, to) = speed.split_once('-').unwrap_or((speed, speed));
    let days = |text: &str| text.trim().parse::<u16>().ok().filter(|_| !text.contains('+'));
    if speed.is_empty() || days(from).zip(days(to)).is_some_and(|(from, to)| from <= to) {
        return Ok(());
    }
    let message = format!(
        "has the speed {}, which is not a number or a range of days",
        shown(speed)
    );
    Err(Fault::new(
        Rule::EntrySpeed,
        message,
        "write it as 3-5, or leave it empty",
    ))
}
