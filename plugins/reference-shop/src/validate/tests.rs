#![allow(clippy::unwrap_used, reason = "tests")]

use tillhouse_plugin::prelude::*;

use super::problems;
use crate::{DEFAULT_CONFIG, DEMO_CATALOG};

/// Installs the default configuration, flattened as the host does it, with some keys overridden.
fn host(changes: &[(&str, &str)]) -> testing::Host {
    let mut host = testing::Host::new();
    for (key, value) in flatten("", &DEFAULT_CONFIG.parse::<toml::Table>().unwrap()) {
        host = host.config(&key, &value);
    }
    changes.iter().fold(host, |host, (key, value)| host.config(key, value))
}

fn flatten(prefix: &str, table: &toml::Table) -> Vec<(String, String)> {
    let entry = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(table) => flatten(&format!("{prefix}{key}."), table),
        toml::Value::String(text) => vec![(format!("{prefix}{key}"), text.clone())],
        other => vec![(format!("{prefix}{key}"), other.to_string())],
    };
    table.iter().flat_map(entry).collect()
}

fn keys(changes: &[(&str, &str)]) -> Vec<String> {
    let _host = host(changes).install();
    problems().into_iter().map(|problem| problem.key).collect()
}

#[test]
fn the_default_configuration_is_good() {
    let _host = host(&[]).install();
    assert_eq!(problems(), []);
}

#[test]
fn every_wrong_value_is_reported_under_its_key() {
    for (key, value) in [
        ("limits.max-quantity", "lots"),
        ("stock.low", "-1"),
        ("fees.gift-wrap.price", "3.50"),
        ("fees.gift-wrap.always", "yes"),
        ("fees.gift-wrap.tax-included", "no"),
        ("shipping.tax-included", "gross"),
        ("tax.rounding", "nearest"),
        ("tax.rounding-scope", "order"),
        ("risk.over-limit", "shrug"),
        ("links.terms_of_use", "/terms"),
        ("links.impressum", "https://shop.example"),
        ("orders.permalink", "ftp://shop.example/{id}"),
        ("tax.us.CA", "7,25"),
        ("tax.eu.de", "19"),
        ("tax.eu.EL", "24"),
        ("tax.eu.XX", "24"),
        ("tax.us.ZZ", "5"),
        ("tax.us.ca", "5"),
        ("tax.us.Texas", "5"),
        ("pickup.place.portland.city", ""),
        ("pickup.place.portland.country", "UK"),
        ("pickup.place.portland.type", "drone"),
        ("pickup.place.portland.colour", "red"),
        ("local-delivery.country", "usa"),
        ("local-delivery.postal-codes", "9?2"),
        ("local-delivery.price", "7.99"),
        ("local-delivery.colour", "red"),
        ("tax.outside.UK", "BT*"),
        ("tax.outside.ES", "35?"),
        ("tax.treated-as.MC", "fr"),
        ("tax.treated-as.IM", "UK"),
        ("pricing.utc-offset", "America/Los_Angeles"),
        ("discounts.FIVEOFF.currency", "dollars"),
        ("discounts.SAVE10.starts", "2026-12-31T18:00:00 PST"),
        ("shipping.zone.domestic.countries", "US, UK"),
        ("shipping.zone.europe.countries", "EU"),
        ("shipping.zone.world.except-countries", "SU"),
        ("tax.flat", "5"),
        ("discounts.SAVE10.percent", "101"),
        ("discounts.SAVE10.ends", "soon"),
        ("discounts.SAVE10.on", "delivery"),
        ("discounts.SAVE10.colour", "red"),
        ("shipping.zone.domestic.standard.price", "5.99"),
        ("shipping.zone.domestic.standard.days", "5-3"),
        ("shipping.zone.domestic.colour", "red"),
        ("shipping.zone.moon.countries", "MN"),
        ("pricing.automatic", "NONE"),
    ] {
        assert_eq!(keys(&[(key, value)]), [key], "{key} = {value}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let wrong = [
        ("tax.us.CA", "x"),
        ("discounts.save20.percent", "20"),
        ("orders.permalink", "https://shop.example/"),
    ];
    let mut found = keys(&wrong);
    found.sort();
    assert_eq!(found, ["discounts.save20", "orders.permalink", "tax.us.CA"]);
}

#[test]
fn a_discount_gives_a_percentage_or_an_amount() {
    assert_eq!(keys(&[("discounts.SAVE10.amount", "5")]), ["discounts.SAVE10.percent"]);
    assert_eq!(keys(&[("discounts.NEW.title", "New")]), ["discounts.NEW.percent"]);
}

#[test]
fn a_zone_needs_countries_and_a_service() {
    let found = keys(&[("shipping.zones", "domestic, europe, world, moon")]);
    assert_eq!(found, ["shipping.zone.moon.countries", "shipping.zone.moon"]);
}

#[test]
fn the_defaults_cover_every_state_with_a_sales_tax_and_every_member_state() {
    let _host = host(&[]).install();
    // With the District of Columbia.
    assert_eq!(config::table("tax.us.").len(), 46);
    assert_eq!(config::table("tax.eu.").len(), 27);
}

#[test]
fn the_demo_catalog_has_a_row_of_full_width_per_item() {
    let columns = |line: &str| {
        let mut quoted = false;
        line.chars()
            .filter(|character| {
                quoted ^= *character == '"';
                *character == ',' && !quoted
            })
            .count()
    };
    let mut lines = DEMO_CATALOG.lines();
    let header = columns(lines.next().unwrap());
    assert_eq!(lines.clone().count(), 12);
    assert!(lines.all(|line| columns(line) == header));
}
