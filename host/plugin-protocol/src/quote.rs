//! Whole quotes: stock, prices, fulfillment options, taxes, and the totals that the host computes from them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;
use crate::trial::TrialId;

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
}

/// Cart as an agent would send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cart {
    /// Items and quantities, one entry per line.
    pub lines: Vec<CartLine>,
    /// Discount codes as the buyer typed them.
    pub codes: Vec<String>,
    /// Recipient of the goods; `None` while it is not known.
    pub recipient: Option<Recipient>,
    /// Id of the chosen fulfillment option.
    pub chosen_option: Option<String>,
}

/// Line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Line id, unique in the cart.
    pub id: String,
    /// Item id in the catalog.
    pub item: String,
    /// Number of units of the item.
    pub quantity: u32,
}

/// Recipient of the goods, with contact details and address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipient {
    /// Full name of the recipient.
    pub name: Option<String>,
    /// Phone number, passed on as it is.
    pub phone: Option<String>,
    /// Email address, passed on as it is.
    pub email: Option<String>,
    /// Postal address; `None` while it is not known.
    pub address: Option<Address>,
}

/// Postal address. Fields that are not given are empty strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Full name of the recipient.
    pub name: String,
    /// Company of the recipient.
    pub company: String,
    /// First address line: street and number.
    pub line_one: String,
    /// Apartment, floor or similar.
    pub line_two: String,
    /// City or town of the address.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// Country code, ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}

/// Result of quoting a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteResult {
    /// The quote: lines, options, totals and so on, in minor units.
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
    type Answer = QuoteResult;
}
