//! Prices, discounts and fees, as a plugin says them.

use serde::{Deserialize, Serialize};

use crate::ids::{ItemId, LineId};
use crate::message::Message;
use crate::money::Amount;

/// The price of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// The line.
    pub line: LineId,
    /// One unit before discounts.
    pub unit_price: i64,
    /// Most units in one order.
    pub max_quantity: Option<u32>,
}

/// What a part of a discount comes off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountTarget {
    /// A line.
    Line(LineId),
    /// The order as a whole.
    Order,
}

/// How a discount is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountTerms {
    /// Parts per million off.
    Rate(u32),
    /// Minor units off.
    Amount(i64),
}

/// A discount in force, as the plugin says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedDiscount {
    /// Stable id.
    pub id: String,
    /// The code that brought it.
    pub code: Option<String>,
    /// Name for the buyer.
    pub title: String,
    /// Its terms.
    pub terms: DiscountTerms,
    /// `each` or `across`.
    pub method: String,
    /// 1 first.
    pub priority: u32,
    /// Where it lands.
    pub allocations: Vec<(DiscountTarget, i64)>,
}

/// A code that is not in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedCode {
    /// As typed.
    pub code: String,
    /// `discount_code_…`.
    pub reason: String,
    /// For the buyer.
    pub message: String,
}

/// A fee, as the plugin says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedFee {
    /// Stable id.
    pub id: String,
    /// `gift_wrap`, `packing` …
    pub kind: String,
    /// Name for the buyer.
    pub title: String,
    /// Before tax.
    pub amount: i64,
}

/// Answer of `pricing.price`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedCart {
    /// Prices.
    pub lines: Vec<PricedLine>,
    /// Lines whose item does not exist.
    pub unknown: Vec<LineId>,
    /// Discounts.
    pub discounts: Vec<OfferedDiscount>,
    /// Codes not in force.
    pub rejected: Vec<RejectedCode>,
    /// Fees.
    pub fees: Vec<OfferedFee>,
    /// Texts.
    pub messages: Vec<Message>,
}

/// The money of one line before tax, computed by the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmount {
    /// The line.
    pub line: LineId,
    /// The item.
    pub item: ItemId,
    /// Quantity.
    pub quantity: u32,
    /// Unit price times quantity.
    pub base: Amount,
    /// Discounts on the line.
    pub discount: Amount,
    /// `base - discount`.
    pub subtotal: Amount,
}
