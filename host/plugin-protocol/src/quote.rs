//! Whole quotes: stock, prices, fulfillment options, taxes, and the totals that the host computes from them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Record;
use crate::cart::Cart;
use crate::trial::TrialId;
use crate::{Agent, Operation};

/// Quote a cart as a host does. No plugin data is committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// Trial whose merchant quotes the cart.
    pub trial: TrialId,
    /// Cart that is quoted, as of one checkout session.
    pub cart: Cart,
    /// Time that plugins see, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub now_ms: u64,
    /// Currency of the quote, ISO 4217.
    pub currency: String,
    /// Id of the checkout session that plugins see.
    pub session: String,
    /// Language of the buyer as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Time zone of the buyer as an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Agent that asks for the quote.
    #[serde(default)]
    pub agent: Agent,
    /// Whether each decision is a call of its own, also if the plugin exports `quoting`.
    #[serde(default)]
    pub one_by_one: bool,
}

/// Result of quoting a cart, and a record of what the calls did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuoteReport {
    /// The quote, or why there is none; inlined on the wire.
    #[serde(flatten)]
    pub result: QuoteResult,
    /// Log lines, requests and resource use of all calls of the quote.
    #[serde(default)]
    pub record: Record,
}

/// Result of quoting a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteResult {
    /// The quote: lines, options, discounts, fees, totals and so on, in minor units.
    Quote(Value),
    /// The plugin violated a rule of the contract.
    Broken(String),
    /// A trap, an exceeded limit or a malformed answer.
    Fault(String),
    /// The plugin rejected the cart or its currency.
    Refused(String),
    /// Any other rejection, such as an unknown item or a country that is not served.
    #[serde(rename = "no")]
    Rejected(String),
}

impl Operation for Quote {
    const NAME: &'static str = "quote";
    type Answer = QuoteReport;
}
