//! Discount rules from the configuration, in tables `discounts.CODE`.

use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{prices::Priced, time};

/// Maximum length of a code, in bytes; longer codes are rejected without a lookup.
const MAX_CODE: usize = 64;

/// Rate or amount of a discount.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Benefit {
    Percent(Rate),
    /// Amount, and its currency; without a currency it applies to any.
    Amount(Amount, Option<String>),
}

impl Benefit {
    /// Takes the discount off what is left: a percentage rounded half up, as the host rounds it, or at most all of it.
    pub(crate) fn off(&self, left: Amount) -> Result<Amount, OutOfRange> {
        match self {
            Self::Percent(rate) => left.at(*rate),
            Self::Amount(amount, _) => Ok((*amount).min(left)),
        }
    }
}

/// What a discount applies to, in the order of application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Each line that the rule covers.
    Lines,
    /// The order as a whole.
    Order,
    /// Shipping, if the rule covers an item that is shipped.
    Shipping,
}

/// Rule of one discount.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Code in upper case, which is also the id of the discount.
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) benefit: Benefit,
    pub(crate) scope: Scope,
    /// Start of validity in epoch milliseconds, inclusive.
    pub(crate) starts: Option<u64>,
    /// End of validity in epoch milliseconds, exclusive.
    pub(crate) ends: Option<u64>,
    pub(crate) minimum: Option<Amount>,
    pub(crate) usage_limit: Option<i64>,
    pub(crate) signed_in: bool,
    /// Email addresses or `@domain` entries that may use it; empty for all buyers.
    pub(crate) emails: Vec<String>,
    pub(crate) combinable: bool,
    /// Ids of the items that it covers; covers all items if `categories` is empty too.
    pub(crate) items: Vec<String>,
    pub(crate) categories: Vec<String>,
    /// Whether it applies only automatically, so that the code cannot be entered.
    pub(crate) automatic_only: bool,
}

/// Converts a code to the spelling of the configuration: upper-case letters, digits, `-` and `_`.
///
/// Returns `None` if the text cannot be a code.
pub(crate) fn canonical(code: &str) -> Option<String> {
    let code = code.trim();
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (plain && !code.is_empty() && code.len() <= MAX_CODE).then(|| code.to_ascii_uppercase())
}

impl Rule {
    /// Reads a discount; `None` if the configuration has no such table.
    pub(crate) fn read(id: &str) -> Result<Option<Self>, Invalid> {
        let prefix = format!("discounts.{id}.");
        let fields = config::table(&prefix);
        if fields.is_empty() {
            Ok(None)
        } else {
            Self::from_fields(id, &prefix, &fields).map(Some)
        }
    }

    /// Creates a discount from its fields, which may be in any order.
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
                "starts" => rule.starts = Some(time(key, time::instant(text))?),
                "ends" => rule.ends = Some(time(key, time::end(text))?),
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

    /// Whether the discount applies to this line.
    pub(crate) fn covers(&self, line: &Priced) -> bool {
        if self.scope == Scope::Shipping && !line.physical {
            return false;
        }
        let category = line.category.as_deref();
        self.covers_everything()
            || self.items.contains(&line.item)
            || self
                .categories
                .iter()
                .any(|wanted| category.is_some_and(|category| category.eq_ignore_ascii_case(wanted)))
    }

    /// Whether the discount is for all items.
    pub(crate) const fn covers_everything(&self) -> bool {
        self.items.is_empty() && self.categories.is_empty()
    }

    /// Name of the counter of its uses.
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
        Err(Invalid::new(key(), format!("`{text}` is more than 100 percent")))
    } else {
        Ok(rate)
    }
}

fn scope(key: impl Fn() -> String, text: &str) -> Result<Scope, Invalid> {
    match text {
        "lines" => Ok(Scope::Lines),
        "order" => Ok(Scope::Order),
        "shipping" => Ok(Scope::Shipping),
        _ => Err(Invalid::new(
            key(),
            format!("expected lines, order or shipping, got `{text}`"),
        )),
    }
}

fn time(key: impl Fn() -> String, read: Option<u64>) -> Result<u64, Invalid> {
    let text = "expected a time: 2026-12-31, 2026-12-31T18:00:00Z or epoch milliseconds";
    read.ok_or_else(|| Invalid::new(key(), text))
}

fn boolean(key: impl Fn() -> String, text: &str) -> Result<bool, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(key(), format!("expected true or false, got `{text}`")))
}
