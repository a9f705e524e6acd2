//! Validation of the whole configuration before the plugin is used.

use tillhouse_amounts::rounding::Scope;
use tillhouse_places::Country;
use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{category, exempt::Exempt, tax_rule, tax_rule::TaxRule};

/// Returns all problems of the configuration, each with its key.
pub(crate) fn problems() -> Vec<Diagnostic> {
    let mut invalid = Vec::new();
    let mut countries: Vec<String> = Vec::new();
    for (key, value) in config::table("") {
        match key.strip_prefix("tax.") {
            None => invalid.extend(plain(&key, &value).err()),
            Some(field) => {
                let Some((country, _)) = field.split_once('.') else {
                    let text = "is not a tax table: use a table such as [tax.US.CA]";
                    invalid.push(Invalid::new(key, text));
                    continue;
                };
                if countries.last().is_none_or(|last| last != country) {
                    countries.push(country.to_owned());
                }
            }
        }
    }
    for country in &countries {
        match check_country(&format!("tax.{country}"), country) {
            Ok(()) => invalid.extend(TaxRule::of_country(country).err().unwrap_or_default()),
            Err(unknown) => invalid.push(unknown),
        }
    }
    if countries.is_empty() {
        let text = "no tax is defined; add a table such as [tax.US.CA] with a `rate`";
        invalid.push(Invalid::new("tax", text));
    }
    invalid.into_iter().map(Diagnostic::from).collect()
}

/// Checks a key outside of the tax tables.
fn plain(key: &str, value: &str) -> Result<(), Invalid> {
    match key {
        "rounding" => return config::parse_text::<Rounding>(key, value).map(drop),
        "rounding-scope" => return config::parse_text::<Scope>(key, value).map(drop),
        "items.column" if value.trim().is_empty() => {
            return Err(Invalid::new(key, "is empty: expected a column of the catalog"));
        }
        "exempt.accounts" => return Exempt::everywhere().map(drop),
        "items.column" | "exempt.customers" | "exempt.certificates" => return Ok(()),
        _ => {}
    }
    if key.strip_prefix("codes.").is_some_and(|code| !code.is_empty()) {
        return if category::is_name(value) {
            Ok(())
        } else {
            let text = format!("`{value}` is not a category: use lower-case letters, digits, `-` and `_`");
            Err(Invalid::new(key, text))
        };
    }
    match key.strip_prefix("regions.") {
        Some(country) => {
            check_country(key, country)?;
            tax_rule::regions(key, value).map(drop)
        }
        None => Err(Invalid::new(key, "is not a key of this plugin")),
    }
}

fn check_country(key: &str, code: &str) -> Result<(), Invalid> {
    Country::configured(code)
        .map(drop)
        .map_err(|expected| Invalid::new(key, expected))
}

#[cfg(test)]
mod tests;
