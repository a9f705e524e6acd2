//! Taxes: what is asked, and what a plugin says.

use serde::{Deserialize, Serialize};

use super::LineAmount;
use crate::ids::OptionId;
use crate::message::Message;
use crate::money::Amount;
use crate::people::{Address, Buyer};

/// Question of `tax.assess`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRequest {
    /// Lines after their discounts.
    pub lines: Vec<LineAmount>,
    /// Discount on the order as a whole.
    pub order_discount: Amount,
    /// Options and their price before tax.
    pub options: Vec<(OptionId, Amount)>,
    /// Fees: id, kind, amount before tax.
    pub fees: Vec<(String, String, Amount)>,
    /// Where it goes.
    pub destination: Option<Address>,
    /// Who buys.
    pub buyer: Option<Buyer>,
}

/// One tax within an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPart {
    /// Who levies it.
    pub jurisdiction: String,
    /// Parts per million.
    pub rate: u32,
    /// Its amount.
    pub amount: i64,
}

/// Tax of one line, option or fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessed {
    /// Id of the line, option or fee.
    pub id: String,
    /// The tax.
    pub amount: i64,
    /// Its parts.
    pub parts: Vec<TaxPart>,
}

/// Answer of `tax.assess`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Of lines.
    pub lines: Vec<Assessed>,
    /// Of options.
    pub options: Vec<Assessed>,
    /// Of fees.
    pub fees: Vec<Assessed>,
    /// Texts.
    pub messages: Vec<Message>,
}
