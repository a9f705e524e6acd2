//! Whole quotes: what a cart costs, as a host computes it from the plugin's decisions.

mod amounts;
mod wire;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

pub use amounts::{Amounts, ExpectedAmounts, gross, net};
pub(crate) use wire::to_protocol;

/// A quote with all amounts, in minor units.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let quote = env.quote(cart().line("tee", 2).to(address::us("CA"))).await.unwrap();
/// assert_eq!(quote.line("line_1"), net(50_00).tax(3_63));
/// assert_eq!(quote.option("standard"), net(5_99));
/// assert_eq!(quote.totals().total, 59_62);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    json: Value,
    read: wire::Quote,
}

/// Sums of a quote, all without tax except `tax` and `total`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let totals = env.quote(cart().line("tee", 1).code("SAVE10")).await.unwrap().totals();
/// assert_eq!((totals.items_base, totals.items_discount), (25_00, 2_50));
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Totals {
    /// All items before discounts.
    pub items_base: i64,
    /// Sum of the discounts on lines.
    pub items_discount: i64,
    /// Items after these discounts.
    pub subtotal: i64,
    /// Discounts on the order as a whole.
    pub discount: i64,
    /// Fulfillment options that apply, after their discounts.
    pub fulfillment: i64,
    /// Fees in addition to the items.
    pub fees: i64,
    /// Taxes on lines, on the options that apply and on fees.
    pub tax: i64,
    /// Grand total: what the buyer pays.
    pub total: i64,
}

impl Quote {
    /// The quote in an answer of the program.
    pub(crate) fn read(json: Value) -> Self {
        let read = wire::Quote::deserialize(&json)
            .unwrap_or_else(|error| panic!("the quote does not match this harness ({error}): {json:#}"));
        Self { json, read }
    }

    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        let read = wire::Quote::default();
        Self {
            json: Value::Null,
            read,
        }
    }

    /// Amounts of a line after every discount, by the id of the line.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.catalog("").currency("EUR").item(item("tee", "9.99 EUR").tax_included());
    /// let quote = env.quote(cart().line("tee", 3).to(address::of("DE"))).await.unwrap();
    /// assert_eq!(quote.line("line_1"), gross(29_97).tax(4_79).net(25_18));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the quote has no such line.
    #[must_use]
    #[track_caller]
    pub fn line(&self, id: &str) -> Amounts {
        let line = self.read.lines.iter().find(|line| line.id == id);
        line.map_or_else(|| self.has_no("line", id), wire::Line::amounts)
    }

    /// Amounts of a fulfillment option after the discounts on it, whether or not it applies.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let quote = env.quote(cart().line("tee", 1).to(address::us("CA"))).await.unwrap();
    /// assert_eq!(quote.option("express"), net(19_99).tax(0));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the quote does not offer it.
    #[must_use]
    #[track_caller]
    pub fn option(&self, id: &str) -> Amounts {
        let option = self.read.options.iter().find(|option| option.id == id);
        option.map_or_else(|| self.has_no("option", id), wire::FulfillmentOption::amounts)
    }

    /// Amounts of a fee.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let quote = env.quote(cart().line("tee", 1).extension("gift-wrap", "true")).await.unwrap();
    /// assert_eq!(quote.fee("gift_wrap"), gross(3_50));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the quote has no such fee.
    #[must_use]
    #[track_caller]
    pub fn fee(&self, id: &str) -> Amounts {
        let fee = self.read.fees.iter().find(|fee| fee.id == id);
        fee.map_or_else(|| self.has_no("fee", id), wire::Fee::amounts)
    }

    /// Sums of the quote.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// assert_eq!(env.quote(cart().line("tee", 2)).await.unwrap().totals().subtotal, 50_00);
    /// # }
    /// ```
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.read.totals
    }

    /// Ids of the fulfillment options on offer, best first.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let quote = env.quote(cart().line("tee", 1).to(address::us("CA"))).await.unwrap();
    /// assert!(quote.options().eq(["standard", "express"]));
    /// # }
    /// ```
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.read.options.iter().map(|option| option.id.as_str())
    }

    /// Ids of the fulfillment options that apply: those that the buyer chose, else the preselected ones.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let express = cart().line("tee", 1).to(address::us("CA")).shipped_by("express");
    /// assert!(env.quote(express).await.unwrap().selected().eq(["express"]));
    /// # }
    /// ```
    pub fn selected(&self) -> impl Iterator<Item = &str> {
        self.read.selected.iter().map(|choice| choice.option.as_str())
    }

    /// The whole quote as JSON, with the names that `host/plugin-protocol/README.md` lists.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let quote = env.quote(cart().line("gone", 1)).await.unwrap();
    /// assert_eq!(quote.json()["messages"][0]["code"], "out_of_stock");
    /// # }
    /// ```
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.json
    }

    #[track_caller]
    fn has_no(&self, what: &str, id: &str) -> ! {
        panic!("the quote has no {what} `{id}`: {:#}", self.json);
    }
}

/// Why a cart was not quoted.
///
/// ```
/// use tillhouse_harness::quote::NotQuoted;
///
/// let refused = NotQuoted::Refused("This shop sells in dollars.".into());
/// assert_eq!(refused.to_string(), "refused: This shop sells in dollars.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotQuoted {
    /// An answer of the plugin breaks a rule of the contract.
    Broken(String),
    /// A trap, an exceeded limit or a malformed answer.
    Fault(String),
    /// The plugin rejects the cart or its currency.
    Refused(String),
    /// Any other reason, such as an unknown item or an upstream that does not answer.
    Rejected(String),
}

impl fmt::Display for NotQuoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(how) => write!(f, "a rule of the contract is broken: {how}"),
            Self::Fault(how) => write!(f, "fault: {how}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Rejected(why) => write!(f, "not quoted: {why}"),
        }
    }
}

impl std::error::Error for NotQuoted {}
