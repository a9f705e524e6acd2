//! Discount rules from the configuration, in tables `discounts.CODE`.

use tillhouse_places::half_width;
use tillhouse_plugin::{config::Invalid, prelude::*};

use crate::{
    prices::{Priced, is_in},
    time::{self, UtcOffset},
};

/// Maximum length of a code, in bytes; longer codes are rejected without a lookup.
const MAX_CODE: usize = 64;

/// Maximum length of a code as the buyer enters it, in bytes.
const MAX_WRITTEN_CODE: usize = 4 * MAX_CODE;

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

/// Converts a code to the spelling of the configuration: letters of any script in upper case, digits, `-` and `_`. Full-width
/// letters and invisible characters, which come along when a code is copied, do not count.
///
/// Returns `None` if the text cannot be a code.
pub(crate) fn canonical(code: &str) -> Option<String> {
    if code.len() > MAX_WRITTEN_CODE {
        return None;
    }
    let visible = code
        .trim_matches(is_blank)
        .chars()
        .filter(|character| !is_invisible(*character));
    let code: String = visible.map(half_width).flat_map(char::to_uppercase).collect();
    let plain = code
        .chars()
        .all(|character| character.is_alphanumeric() || character == '-' || character == '_');
    (plain && !code.is_empty() && code.len() <= MAX_CODE).then_some(code)
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

/// Spaces without width, joiners, marks of direction, soft hyphens and byte order marks.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
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
        let offset = config::parse_or("pricing.utc-offset", UtcOffset::UTC)?;
        for (field, text) in fields {
            let key = || format!("{prefix}{field}");
            match field.as_str() {
                "percent" => percent = Some(percentage(key, text)?),
                "amount" => amount = Some(config::amount_text(&key(), text)?),
                "currency" => currency = Some(currency_code(key, text)?),
                "title" => rule.title = Some(text.clone()),
                "on" => rule.scope = scope(key, text)?,
                "starts" => rule.starts = Some(time(key, time::instant(text, offset))?),
                "ends" => rule.ends = Some(time(key, time::end(text, offset))?),
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
        if !line.discountable || (self.scope == Scope::Shipping && !line.physical) {
            return false;
        }
        self.covers_everything() || self.items.contains(&line.item) || is_in(line.category.as_deref(), &self.categories)
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

/// A currency code in upper case, as carts have it.
fn currency_code(key: impl Fn() -> String, text: &str) -> Result<String, Invalid> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(code)
    } else {
        let expected = format!("`{text}` is not a currency code of three letters (ISO 4217), such as USD");
        Err(Invalid::new(key(), expected))
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
    let text = "expected a time: 2026-12-31, 2026-12-31T18:00:00Z, 2026-12-31T18:00:00-08:00 or epoch milliseconds";
    read.ok_or_else(|| Invalid::new(key(), text))
}

fn boolean(key: impl Fn() -> String, text: &str) -> Result<bool, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(key(), format!("expected true or false, got `{text}`")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed_or_copied() {
        for (typed, code) in [
            ("save10", "SAVE10"),
            (" Save10\t", "SAVE10"),
            ("SAVE10\u{200b}", "SAVE10"),
            ("\u{feff}SAVE\u{ad}10\u{200e}", "SAVE10"),
            ("\u{a0}save10\u{3000}", "SAVE10"),
            ("ＳＡＶＥ１０", "SAVE10"),
            ("dankefür100", "DANKEFÜR100"),
            ("DANKEFÜR100", "DANKEFÜR100"),
            ("скидка-5", "СКИДКА-5"),
            ("straße", "STRASSE"),
            ("春_2026", "春_2026"),
        ] {
            assert_eq!(canonical(typed).as_deref(), Some(code), "{typed:?}");
            assert_eq!(canonical(code).as_deref(), Some(code), "a code is spelled in one way");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let long = "A".repeat(MAX_CODE + 1);
        for typed in ["", "  ", "\u{200b}", "SAVE 10", "10%", "A.B", "A\u{0}", "🎁", &long] {
            assert_eq!(canonical(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_currency_is_its_code_in_any_case() {
        let _host = tillhouse_plugin::testing::Host::new().install();
        let read = |currency: &str| {
            let fields = [("amount", "500"), ("currency", currency)];
            let fields = fields.map(|(field, text)| (field.to_owned(), text.to_owned()));
            Rule::from_fields("FIVE", "discounts.FIVE.", &fields).map(|rule| rule.benefit)
        };
        let usd = Benefit::Amount(Amount::new(500).unwrap(), Some("USD".into()));
        assert_eq!(read("usd"), Ok(usd.clone()));
        assert_eq!(read(" USD "), Ok(usd));
        for wrong in ["", "US", "dollars", "U5D"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
