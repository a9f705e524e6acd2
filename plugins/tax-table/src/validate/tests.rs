#![allow(clippy::unwrap_used, reason = "tests")]

use tillhouse_plugin::prelude::*;

use super::problems;
use crate::DEFAULT_CONFIG;

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
        toml::Value::Array(values) => {
            let texts: Vec<&str> = values.iter().filter_map(toml::Value::as_str).collect();
            vec![(format!("{prefix}{key}"), texts.join(", "))]
        }
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
        ("rounding", "nearest"),
        ("rounding-scope", "order"),
        ("items.column", " "),
        ("items.colum", "tax"),
        ("codes.txcd_1", "Food & drink"),
        ("exempt.accounts", "vip"),
        ("exempt.people", "ada"),
        ("regions.US", "California"),
        ("regions.usa", "CA"),
        ("tax.US.CA.rate", "7,25"),
        ("tax.US.CA.rate", "101"),
        ("tax.US.CA.rates.food", "none"),
        ("tax.US.CA.rates.Food", "0"),
        ("tax.US.CA.regions", "CA, XX"),
        ("tax.US.CA.except-regions", "nv"),
        ("tax.US.CA.postal-codes", "94188..94102"),
        ("tax.US.CA.except-postal-codes", "9?"),
        ("tax.US.CA.shipping", "sometimes"),
        ("tax.US.CA.exempt-accounts", "charity"),
        ("tax.US.CA.colour", "red"),
        ("tax.US.NV.shipping", "true"),
        ("taxes.US.CA.rate", "7.25"),
    ] {
        let key = if key.starts_with("tax.US.NV") {
            "tax.US.NV.rate"
        } else {
            key
        };
        let set = if key == "tax.US.NV.rate" {
            "tax.US.NV.shipping"
        } else {
            key
        };
        let found = keys(&[(set, value)]);
        // Changing the regions of a country also invalidates its taxes, so only the first problem is compared.
        assert_eq!(
            found.first().map(String::as_str),
            Some(key),
            "{set} = {value}: {found:?}"
        );
    }
}

#[test]
fn a_country_and_a_named_table_are_required() {
    assert_eq!(keys(&[("tax.us.CA.rate", "7.25")]), ["tax.us"]);
    for unassigned in ["UK", "EL", "EU", "XX"] {
        let table = format!("tax.{unassigned}");
        assert_eq!(keys(&[(&format!("{table}.VAT.rate"), "20")]), [table]);
        let regions = format!("regions.{unassigned}");
        assert_eq!(keys(&[(&regions, "AB")]), [regions.as_str()]);
    }
    assert_eq!(keys(&[("tax.IT.rate", "22")]), ["tax.IT.rate"]);
    assert_eq!(keys(&[("tax.IT", "22")]), ["tax.IT"]);
    let _host = testing::Host::new().config("rounding", "down").install();
    let keys: Vec<String> = problems().into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["tax"], "a table without a tax taxes nothing");
}

#[test]
fn all_problems_are_reported_at_once() {
    let found = keys(&[
        ("rounding", "nearest"),
        ("tax.DE.VAT.rate", "x"),
        ("tax.DE.VAT.colour", "red"),
        ("tax.FR.VAT.fees", "false"),
        ("tax.FR.VAT.shipping", "no"),
    ]);
    assert_eq!(
        found,
        [
            "rounding",
            "tax.DE.VAT.colour",
            "tax.DE.VAT.rate",
            "tax.FR.VAT.shipping"
        ]
    );
}
