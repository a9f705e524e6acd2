//! One tax as the configuration defines it: the table `tax.COUNTRY.NAME`.

use core::{fmt, str::FromStr};

use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{area::Area, category, exempt::Exempt};

/// A tax.
#[derive(Debug)]
pub(crate) struct Levy {
    /// Who levies it, for the buyer and the books.
    pub(crate) jurisdiction: String,
    /// Where it is due.
    pub(crate) area: Area,
    /// Who does not pay it.
    pub(crate) exempt: Exempt,
    rate: Rate,
    rates: Vec<(String, Rate)>,
    shipping: bool,
    fees: Fees,
}

/// Which fees are taxed.
#[derive(Debug)]
enum Fees {
    All,
    None,
    Kinds(Vec<String>),
}

impl Levy {
    /// The taxes of a country, with everything that is wrong with any of them.
    pub(crate) fn of_country(country: &str) -> Result<Vec<Self>, Vec<Invalid>> {
        let prefix = format!("tax.{country}.");
        let fields = config::table(&prefix);
        let (mut levies, mut wrong) = (Vec::new(), Vec::new());
        let mut rest = fields.as_slice();
        while let Some((field, _)) = rest.first() {
            let Some((name, _)) = field.split_once('.') else {
                let text = format!("belongs in a table with a name of its own, as in [tax.{country}.NAME]");
                wrong.push(Invalid::new(format!("{prefix}{field}"), text));
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let of_name = |field: &str| field.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            let count = rest.iter().take_while(|(field, _)| of_name(field)).count();
            let (own, others) = rest.split_at(count);
            match Self::read(country, name, own) {
                Ok(levy) => levies.push(levy),
                Err(found) => wrong.extend(found),
            }
            rest = others;
        }
        if wrong.is_empty() { Ok(levies) } else { Err(wrong) }
    }

    /// A tax from its fields, whose names begin with its own.
    fn read(country: &str, name: &str, fields: &[(String, String)]) -> Result<Self, Vec<Invalid>> {
        let mut levy = Self {
            jurisdiction: format!("{country}-{name}"),
            area: Area::default(),
            exempt: Exempt::default(),
            rate: Rate::ZERO,
            rates: Vec::new(),
            shipping: true,
            fees: Fees::All,
        };
        let mut wrong: Vec<Invalid> = Vec::new();
        for (field, text) in fields {
            let key = format!("tax.{country}.{field}");
            let property = field.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            wrong.extend(levy.set(&key, property.unwrap_or_default(), text).err());
        }
        if !fields
            .iter()
            .any(|(field, _)| field.strip_prefix(name) == Some(".rate"))
        {
            let text = "is required: a percentage like 7.25";
            wrong.push(Invalid::new(format!("tax.{country}.{name}.rate"), text));
        }
        if wrong.is_empty() { Ok(levy) } else { Err(wrong) }
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
            other => match other.strip_prefix("rates.") {
                Some(name) if category::is_name(name) => self.rates.push((name.to_owned(), rate(key, text)?)),
                Some(_) => {
                    let text = "names a category in lower-case letters, digits, `-` and `_`";
                    return Err(Invalid::new(key, text));
                }
                None => return Err(Invalid::new(key, "is not a property of a tax")),
            },
        }
        Ok(())
    }

    /// Whether it has rates for categories of items.
    pub(crate) const fn is_by_category(&self) -> bool {
        !self.rates.is_empty()
    }

    /// Its rate on an item of a category.
    pub(crate) fn on_item(&self, category: Option<&str>) -> Rate {
        let own = self.rates.iter().find(|(name, _)| Some(name.as_str()) == category);
        own.map_or(self.rate, |(_, rate)| *rate)
    }

    /// Its rate on shipping.
    pub(crate) const fn on_shipping(&self) -> Rate {
        if self.shipping { self.rate } else { Rate::ZERO }
    }

    /// Its rate on a fee of a kind.
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
        return Err(Invalid::new(
            key,
            format!("`{text}` is more than everything: at most 100"),
        ));
    }
    Ok(rate)
}

fn boolean(key: &str, text: &str) -> Result<bool, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(key, format!("`{text}` is neither true nor false")))
}

/// A list, each entry read.
fn entries<T: FromStr<Err: fmt::Display>>(key: &str, text: &str) -> Result<Vec<T>, Invalid> {
    config::split(text)
        .map(|entry| config::parse_text(key, entry))
        .collect()
}

/// Codes of regions, upper case. Where the operator says which the country has, others are mistakes.
pub(crate) fn regions(key: &str, text: &str) -> Result<Vec<String>, Invalid> {
    let regions: Vec<String> = config::split(text).map(str::to_owned).collect();
    let is_code = |region: &String| {
        let known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        region.bytes().all(known)
    };
    if let Some(wrong) = regions.iter().find(|region| !is_code(region)) {
        return Err(Invalid::new(
            key,
            format!("`{wrong}` is no code of a region: upper-case letters and digits"),
        ));
    }
    let country = key.split('.').nth(1).unwrap_or_default();
    let known = config::list(&format!("regions.{country}"));
    match regions
        .iter()
        .find(|region| !known.is_empty() && !known.contains(region))
    {
        Some(stranger) => Err(Invalid::new(
            key,
            format!("`{stranger}` is not among regions.{country}"),
        )),
        None => Ok(regions),
    }
}
