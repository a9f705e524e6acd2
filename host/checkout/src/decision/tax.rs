//! Taxes: the arguments and the answer of `tax.assess`.

use serde::{Deserialize, Serialize};

use super::{LineAmount, RoundingRule};
use crate::contact::{Address, Buyer};
use crate::ids::{GroupId, OptionId};
use crate::message::Message;
use crate::money::Amount;

/// A fulfillment option that may be taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxableOption {
    /// Id of the option.
    pub id: OptionId,
    /// Price after the discounts on it.
    pub price: Amount,
    /// Whether the price includes tax.
    pub tax_included: bool,
    /// Group that the option is for; `None` if it is for none.
    pub group: Option<GroupId>,
}

/// A fee that may be taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxableFee {
    /// Id of the fee.
    pub id: String,
    /// Kind of fee: `gift_wrap`, `packing` …
    pub kind: String,
    /// Amount of the fee.
    pub amount: Amount,
    /// Whether the amount includes tax.
    pub tax_included: bool,
}

/// Arguments of `tax.assess`: everything that may be taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRequest {
    /// Lines with their amounts after every discount.
    pub lines: Vec<LineAmount>,
    /// Every fulfillment option on offer.
    pub options: Vec<TaxableOption>,
    /// Fees in addition to the items.
    pub fees: Vec<TaxableFee>,
    /// Delivery addresses: of the cart, without a group, and of each group that has its own or is picked up at a place; empty until
    /// the agent gives one.
    pub destinations: Vec<(Option<GroupId>, Address)>,
    /// Billing address; `None` until the agent gives one.
    pub billing: Option<Address>,
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
    /// Why it is exempt from tax; `None` if it is not.
    pub exempt: Option<String>,
}

/// The rate of one jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    /// Jurisdiction that levies the tax: `US-CA`, `DE`.
    pub jurisdiction: String,
    /// Tax rate in parts per million, unchecked.
    pub rate: u32,
}

/// The rates of one line, option or fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedTax {
    /// Id of the line, option or fee.
    pub id: String,
    /// Rates that apply to it, each to the amount without tax.
    pub rates: Vec<TaxRate>,
    /// Why it is exempt from tax; `None` if it is not.
    pub exempt: Option<String>,
}

/// Taxes as the plugin answers them, unchecked. What is left out has no tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredTaxes {
    /// Amounts that the plugin computed.
    Amounts {
        /// Tax of each line.
        lines: Vec<AssessedTax>,
        /// Tax of each fulfillment option.
        options: Vec<AssessedTax>,
        /// Tax of each fee.
        fees: Vec<AssessedTax>,
    },
    /// Rates from which the host computes the amounts.
    Rates {
        /// Rates of each line.
        lines: Vec<RatedTax>,
        /// Rates of each fulfillment option.
        options: Vec<RatedTax>,
        /// Rates of each fee.
        fees: Vec<RatedTax>,
        /// How the taxes are rounded.
        rounding: RoundingRule,
    },
}

impl Default for AnsweredTaxes {
    fn default() -> Self {
        Self::Amounts {
            lines: Vec::new(),
            options: Vec::new(),
            fees: Vec::new(),
        }
    }
}

/// Answer of `tax.assess`, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxAssessment {
    /// Taxes of lines, options and fees.
    pub taxes: AnsweredTaxes,
    /// Messages for the buyer.
    pub messages: Vec<Message>,
}
