//! Whole quotes: stock, prices, options, taxes, and the host's own arithmetic over them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;
use crate::merchant::TrialId;

/// Quote a cart as a host does. Nothing is committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The trial.
    pub trial: TrialId,
    /// The cart.
    pub cart: Cart,
    /// The time that plugins see, in milliseconds since 1970.
    #[serde(default)]
    pub now_ms: u64,
    /// ISO 4217.
    pub currency: String,
    /// The session.
    pub session: String,
    /// Language of the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// A cart as an agent would have filled it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cart {
    /// Its lines.
    pub lines: Vec<CartLine>,
    /// Discount codes as typed.
    pub codes: Vec<String>,
    /// Who receives it.
    pub recipient: Option<Recipient>,
    /// The fulfillment option that was chosen.
    pub chosen_option: Option<String>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Its id.
    pub id: String,
    /// The item.
    pub item: String,
    /// How many.
    pub quantity: u32,
}

/// Who receives the goods, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipient {
    /// Name.
    pub name: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Address.
    pub address: Option<Address>,
}

/// A postal address. Fields that are not given are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Recipient.
    pub name: String,
    /// Company.
    pub company: String,
    /// Street and number.
    pub line_one: String,
    /// Flat, floor …
    pub line_two: String,
    /// City or town.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
}

/// What a host would make of the cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoted {
    /// The quote: lines, options, totals … in minor units.
    Quote(Value),
    /// The plugin broke a rule of the contract.
    Broken(String),
    /// A trap, a limit, an answer that does not fit.
    Fault(String),
    /// The plugin says no to the cart, or to its currency.
    Refused(String),
    /// Anything else that is an answer: an item that is unknown, a country that is not served.
    No(String),
}

impl Operation for Quote {
    const NAME: &'static str = "quote";
    type Answer = Quoted;
}
