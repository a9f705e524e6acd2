//! Taxes: the arguments and the answer of `tax.assess`.

use serde::{Deserialize, Serialize};

use super::LineAmount;
use crate::contact::{Address, Buyer};
use crate::ids::OptionId;
use crate::message::Message;
use crate::money::Amount;

/// Arguments of `tax.assess`: everything that may be taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRequest {
    /// Lines after their discounts.
    pub lines: Vec<LineAmount>,
    /// Discount on the order as a whole, which the plugin spreads over the lines before taxing them.
    pub order_discount: Amount,
    /// Every fulfillment option on offer, with its price before tax.
    pub options: Vec<(OptionId, Amount)>,
    /// Fees: id, kind and amount before tax.
    pub fees: Vec<(String, String, Amount)>,
    /// Delivery address; `None` until the agent gives one, and then the tax is zero.
    pub destination: Option<Address>,
    /// The buyer, e.g. for business or exempt customers.
    pub buyer: Option<Buyer>,
}

/// One tax within an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPart {
    /// Jurisdiction that levies the tax: `US-CA`, `DE`.
    pub jurisdiction: String,
    /// Tax rate in parts per million: 72 500 is 7.25 %.
    pub rate: u32,
    /// Amount of this part in minor units.
    pub amount: i64,
}

/// Tax of one line, option or fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessedTax {
    /// Id of the line, option or fee.
    pub id: String,
    /// Tax in minor units, unchecked.
    pub amount: i64,
    /// Breakdown by jurisdiction; empty, or adding up to `amount`.
    pub parts: Vec<TaxPart>,
}

/// Answer of `tax.assess`, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxAssessment {
    /// Tax of each line; a line left out has no tax.
    pub lines: Vec<AssessedTax>,
    /// Tax of each fulfillment option; an option left out has no tax.
    pub options: Vec<AssessedTax>,
    /// Tax of each fee; a fee left out has no tax.
    pub fees: Vec<AssessedTax>,
    /// Messages for the buyer.
    pub messages: Vec<Message>,
}
