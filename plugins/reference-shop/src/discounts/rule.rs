//! A discount as the configuration defines it: the table `discounts.CODE`.

use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{prices::Priced, when};

/// Longest code that is looked up.
const MAX_CODE: usize = 64;

/// What a discount gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Benefit {
    /// A rate off.
    Percent(Rate),
    /// An amount off, and its currency.
    Amount(Amount, Option<String>),
}

/// What a discount comes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The lines it covers.
    Lines,
    /// The order as a whole.
    Order,
}

/// One discount.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The code in upper case; also the id.
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) benefit: Benefit,
    pub(crate) scope: Scope,
    /// In force from then, epoch milliseconds.
    pub(crate) starts: Option<u64>,
    /// In force until before then.
    pub(crate) ends: Option<u64>,
    pub(crate) minimum: Option<Amount>,
    pub(crate) usage_limit: Option<i64>,
    pub(crate) signed_in: bool,
    /// Addresses, or `@domain`; empty for everybody.
    pub(crate) emails: Vec<String>,
    pub(crate) combinable: bool,
    /// Item ids it covers; with `categories` empty too, everything.
    pub(crate) items: Vec<String>,
    pub(crate) categories: Vec<String>,
    /// Not to be had by typing it.
    pub(crate) automatic_only: bool,
}

/// A code as the configuration spells it: in upper case, letters, digits, `-` and `_`. None for what cannot be a code.
pub(crate) fn canonical(code: &str) -> Option<String> {
    let code = code.trim();
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (plain && !code.is_empty() && code.len() <= MAX_CODE).then(|| code.to_ascii_uppercase())
}

impl Rule {
    /// Reads a discount; none where the configuration has no such table.
    pub(crate) fn read(id: &str) -> Result<Option<Self>, Invalid> {
        let prefix = format!("discounts.{id}.");
        let fields = config::table(&prefix);
        if fields.is_empty() {
            Ok(None)
        } else {
            Self::from_fields(id, &prefix, &fields).map(Some)
        }
    }

    /// Builds a discount from its fields, in any order.
    pub(crate) fn from_fields(id: &str, prefix: &str, fields: &[(String, String)]) -> Result<Self, Invalid> {
        let mut rule = Self::empty(id);
        let (mut percent, mut amount, mut currency) = (None, None, None);
        for (field, text) in fields {
            let key = || format!("{prefix}{field}");
            match field.as_str() {
                "percent" => percent = Some(percentage(key, text)?),
                "amount" => amount = Some(config::amount_text(&key(), text)?),
                "currency" => currency = Some(text.clone()),
                "title" => rule.title = Some(text.clone()),
                "on" => rule.scope = scope(key, text)?,
                "starts" => rule.starts = Some(time(key, when::instant(text))?),
                "ends" => rule.ends = Some(time(key, when::end(text))?),
                "minimum" => rule.minimum = Some(config::amount_text(&key(), text)?),
                "usage-limit" => rule.usage_limit = Some(i64::from(config::parse_text::<u32>(&key(), text)?)),
                "signed-in" => rule.signed_in = boolean(key, text)?,
                "combinable" => rule.combinable = boolean(key, text)?,
                "automatic-only" => rule.automatic_only = boolean(key, text)?,
                "emails" => rule.emails = list(text),
                "items" => rule.items = list(text),
                "categories" => rule.categories = list(text),
                _ => return Err(Invalid::new(key(), "is not a property of a discount")),
            }
        }
        rule.benefit = match (percent, amount) {
            (Some(rate), None) => Benefit::Percent(rate),
            (None, Some(amount)) => Benefit::Amount(amount, currency),
            _ => {
                return Err(Invalid::new(
                    format!("{prefix}percent"),
                    "set either `percent` or `amount`",
                ));
            }
        };
        Ok(rule)
    }

    fn empty(id: &str) -> Self {
        Self {
            id: id.into(),
            title: None,
            benefit: Benefit::Percent(Rate::ZERO),
            scope: Scope::Lines,
            starts: None,
            ends: None,
            minimum: None,
            usage_limit: None,
            signed_in: false,
            emails: Vec::new(),
            combinable: true,
            items: Vec::new(),
            categories: Vec::new(),
            automatic_only: false,
        }
    }

    /// Whether it may come off this line.
    pub(crate) fn covers(&self, line: &Priced) -> bool {
        let everything = self.items.is_empty() && self.categories.is_empty();
        let category = line.category.as_deref();
        everything
            || self.items.contains(&line.item)
            || self
                .categories
                .iter()
                .any(|wanted| category.is_some_and(|category| category.eq_ignore_ascii_case(wanted)))
    }

    /// The counter of its uses.
    pub(crate) fn counter(&self) -> String {
        format!("redeemed/{}", self.id)
    }
}

fn list(text: &str) -> Vec<String> {
    config::split(text).map(str::to_owned).collect()
}

fn percentage(key: impl Fn() -> String, text: &str) -> Result<Rate, Invalid> {
    let rate: Rate = config::parse_text(&key(), text)?;
    if rate > Rate::WHOLE {
        Err(Invalid::new(key(), "takes off more than everything; at most 100"))
    } else {
        Ok(rate)
    }
}

fn scope(key: impl Fn() -> String, text: &str) -> Result<Scope, Invalid> {
    match text {
        "lines" => Ok(Scope::Lines),
        "order" => Ok(Scope::Order),
        _ => Err(Invalid::new(key(), format!("`{text}` is neither lines nor order"))),
    }
}

fn time(key: impl Fn() -> String, read: Option<u64>) -> Result<u64, Invalid> {
    read.ok_or_else(|| Invalid::new(key(), "write 2026-12-31, 2026-12-31T18:00:00Z or epoch milliseconds"))
}

fn boolean(key: impl Fn() -> String, text: &str) -> Result<bool, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(key(), format!("`{text}` is neither true nor false")))
}
