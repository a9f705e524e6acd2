//! Taxes from the configuration, in tables `tax.COUNTRY.NAME`.

use core::{fmt, str::FromStr};

use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{area::Area, category, exempt::Exempt};

/// One tax of the table.
#[derive(Debug)]
pub(crate) struct TaxRule {
    /// Jurisdiction shown to the buyer, such as `US-CA`.
    pub(crate) jurisdiction: String,
    pub(crate) area: Area,
    pub(crate) exempt: Exempt,
    rate: Rate,
    rates: Vec<(String, Rate)>,
    shipping: bool,
    fees: Fees,
}

/// Kinds of fees that are taxed.
#[derive(Debug)]
enum Fees {
    All,
    None,
    Kinds(Vec<String>),
}

impl TaxRule {
    /// Reads the taxes of a country; the error lists all problems of all of them.
    pub(crate) fn of_country(country: &str) -> Result<Vec<Self>, Vec<Invalid>> {
        let prefix = format!("tax.{country}.");
        let fields = config::table(&prefix);
        let (mut rules, mut invalid) = (Vec::new(), Vec::new());
        let mut rest = fields.as_slice();
        while let Some((field, _)) = rest.first() {
            let Some((name, _)) = field.split_once('.') else {
                let text = format!("must be in a named table, as in [tax.{country}.NAME]");
                invalid.push(Invalid::new(format!("{prefix}{field}"), text));
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let of_name = |field: &str| field.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            let count = rest.iter().take_while(|(field, _)| of_name(field)).count();
            let (own, others) = rest.split_at(count);
            match Self::read(country, name, own) {
                Ok(rule) => rules.push(rule),
                Err(found) => invalid.extend(found),
            }
            rest = others;
        }
        if invalid.is_empty() { Ok(rules) } else { Err(invalid) }
    }

    /// Reads a tax from its fields, whose names begin with the name of the tax.
    fn read(country: &str, name: &str, fields: &[(String, String)]) -> Result<Self, Vec<Invalid>> {
        let mut rule = Self {
            jurisdiction: format!("{country}-{name}"),
            area: Area::default(),
            exempt: Exempt::default(),
            rate: Rate::ZERO,
            rates: Vec::new(),
            shipping: true,
            fees: Fees::All,
        };
        let mut invalid: Vec<Invalid> = Vec::new();
        for (field, text) in fields {
            let key = format!("tax.{country}.{field}");
            let property = field.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            invalid.extend(rule.set(&key, property.unwrap_or_default(), text).err());
        }
        if !fields
            .iter()
            .any(|(field, _)| field.strip_prefix(name) == Some(".rate"))
        {
            let text = "is required: a percentage such as 7.25";
            invalid.push(Invalid::new(format!("tax.{country}.{name}.rate"), text));
        }
        if invalid.is_empty() { Ok(rule) } else { Err(invalid) }
    }

    fn set(&mut self, key: &str, property: &str, text: &str) -> Result<(), Invalid> {
        match property {
            "jurisdiction" => text.clone_into(&mut self.jurisdiction),
            "rate" => self.rate = rate(key, text)?,
            "regions" => self.area.regions = regions(key, text)?,
            "except-regions" => self.area.except_regions = regions(key, text)?,
            "postal-codes" => self.area.postal_codes = entries(key, text)?,
            "except-postal-codes" => self.area.except_postal_codes = entries(key, text)?,
            "shipping" => self.shipping = boolean(key, text)?,
            "fees" => {
                self.fees = match text {
                    "true" => Fees::All,
                    "false" => Fees::None,
                    kinds => Fees::Kinds(config::split(kinds).map(str::to_owned).collect()),
                }
            }
            "exempt-accounts" => self.exempt.accounts(key, text)?,
            "exempt-customers" => self.exempt.customers(text),
            "exempt-certificates" => self.exempt.certificates(text),
            other => match other.strip_prefix("rates.") {
                Some(name) if category::is_name(name) => self.rates.push((name.to_owned(), rate(key, text)?)),
                Some(_) => {
                    let text = "invalid category name: use lower-case letters, digits, `-` and `_`";
                    return Err(Invalid::new(key, text));
                }
                None => return Err(Invalid::new(key, "is not a property of a tax")),
            },
        }
        Ok(())
    }

    /// Whether the tax has rates for item categories.
    pub(crate) const fn is_by_category(&self) -> bool {
        !self.rates.is_empty()
    }

    /// Rate on an item of a category.
    pub(crate) fn on_item(&self, category: Option<&str>) -> Rate {
        let own = self.rates.iter().find(|(name, _)| Some(name.as_str()) == category);
        own.map_or(self.rate, |(_, rate)| *rate)
    }

    /// Rate on shipping; zero if it is not taxed.
    pub(crate) const fn on_shipping(&self) -> Rate {
        if self.shipping { self.rate } else { Rate::ZERO }
    }

    /// Rate on a fee of a kind; zero if it is not taxed.
    pub(crate) fn on_fee(&self, kind: &str) -> Rate {
        let taxed = match &self.fees {
            Fees::All => true,
            Fees::None => false,
            Fees::Kinds(kinds) => kinds.iter().any(|known| known == kind),
        };
        if taxed { self.rate } else { Rate::ZERO }
    }
}

fn rate(key: &str, text: &str) -> Result<Rate, Invalid> {
    let rate: Rate = config::parse_text(key, text)?;
    if rate > Rate::WHOLE {
        return Err(Invalid::new(key, format!("`{text}` is too large: at most 100 percent")));
    }
    Ok(rate)
}

fn boolean(key: &str, text: &str) -> Result<bool, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(key, format!("expected true or false, got `{text}`")))
}

/// Parses a list and each of its entries.
fn entries<T: FromStr<Err: fmt::Display>>(key: &str, text: &str) -> Result<Vec<T>, Invalid> {
    config::split(text)
        .map(|entry| config::parse_text(key, entry))
        .collect()
}

/// Parses a list of region codes in upper case; if `regions.COUNTRY` is set, rejects codes that are not in it.
pub(crate) fn regions(key: &str, text: &str) -> Result<Vec<String>, Invalid> {
    let regions: Vec<String> = config::split(text).map(str::to_owned).collect();
    let is_code = |region: &String| {
        let known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        region.bytes().all(known)
    };
    if let Some(invalid) = regions.iter().find(|region| !is_code(region)) {
        return Err(Invalid::new(
            key,
            format!("`{invalid}` is not a region code: use upper-case letters, digits and `-`"),
        ));
    }
    let country = key.split('.').nth(1).unwrap_or_default();
    let known = config::list(&format!("regions.{country}"));
    match regions
        .iter()
        .find(|region| !known.is_empty() && !known.contains(region))
    {
        Some(unlisted) => Err(Invalid::new(
            key,
            format!("`{unlisted}` is not listed in regions.{country}"),
        )),
        None => Ok(regions),
    }
}
