//! Prices, discounts and fees: the answer of `pricing.price`, unchecked, and the line amounts that the host computes from it.

use serde::{Deserialize, Serialize};

use super::RoundingRule;
use crate::ids::{GroupId, ItemId, LineId, OptionId};
use crate::message::Message;
use crate::money::Amount;
use crate::time::Timestamp;

/// The price of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// Line of the cart that is priced.
    pub line: LineId,
    /// Price of one unit before discounts, in minor units.
    pub unit_price: i64,
    /// Whether the price includes tax.
    pub tax_included: bool,
    /// Maximum quantity in one order; `None` for no limit. A line above it is not ready for payment.
    pub max_quantity: Option<u32>,
}

/// What one allocation of a discount is deducted from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountTarget {
    /// One line of the cart.
    Line(LineId),
    /// The order as a whole, after the discounts on its lines.
    Order,
    /// One fulfillment option; without effect while it does not apply, and at most its price.
    Option(OptionId),
    /// Every fulfillment option, each at most its price.
    Fulfillment,
}

/// Terms of a discount, for display. The allocations say what is deducted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountTerms {
    /// Rate off in parts per million: 100 000 is 10 %.
    Rate(u32),
    /// Fixed amount off, in minor units.
    Amount(i64),
}

/// The offer that a discount comes from, for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// Id chosen by the plugin, stable from one answer to the next.
    pub id: String,
    /// Name for the buyer, e.g. `10 % off`.
    pub name: String,
    /// Rate or fixed amount that it offers.
    pub terms: DiscountTerms,
    /// `once`, `repeating` or `forever`; `None` if the plugin did not say.
    pub duration: Option<String>,
    /// Number of months of a repeating coupon.
    pub duration_in_months: Option<u32>,
    /// How often all buyers together can redeem it.
    pub max_redemptions: Option<u64>,
    /// How often it has been redeemed.
    pub times_redeemed: Option<u64>,
    /// Metadata for the agent, in pairs of a key and a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<(String, String)>,
}

/// A percentage that the host computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateOff {
    /// Rate off in parts per million: 100 000 is 10 %.
    pub rate: u32,
    /// What it is taken from; empty for every line.
    pub targets: Vec<DiscountTarget>,
    /// How it is rounded, unchecked.
    pub rounding: RoundingRule,
}

/// How much a discount takes off, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Amounts in minor units, each with its target; every amount is at least 1.
    Amounts(Vec<(DiscountTarget, i64)>),
    /// A percentage that the host computes.
    Rate(RateOff),
}

/// An applied discount, as the plugin answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedDiscount {
    /// Id chosen by the plugin, unique in the answer and stable from one answer to the next.
    pub id: String,
    /// Discount code that the discount came from, exactly as in the cart; `None` for an automatic discount.
    pub code: Option<String>,
    /// Coupon that it comes from.
    pub coupon: Coupon,
    /// `each` if every line is discounted by itself, `across` if an amount is spread over the lines.
    pub method: String,
    /// Order of application, starting with 1; 0 counts as 1.
    pub priority: u32,
    /// When the discount began to apply; `None` if it was not limited.
    pub starts: Option<Timestamp>,
    /// When the discount ends; `None` if it is not limited.
    pub ends: Option<Timestamp>,
    /// How much it takes off.
    pub reduction: Reduction,
}

/// A discount code that the plugin rejects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedCode {
    /// The code, exactly as in the cart.
    pub code: String,
    /// One of the eight reasons `discount_code_…` of ACP, e.g. `discount_code_expired`.
    pub reason: String,
    /// Explanation for the buyer.
    pub message: String,
}

/// A fee beside the items, as the plugin answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedFee {
    /// Id chosen by the plugin, unique in the answer and stable from one answer to the next.
    pub id: String,
    /// Kind of fee: `gift_wrap`, `packing` …
    pub kind: String,
    /// Name for the buyer, e.g. `Gift wrap`.
    pub title: String,
    /// Amount in minor units, unchecked.
    pub amount: i64,
    /// Whether the amount includes tax.
    pub tax_included: bool,
}

/// Answer of `pricing.price`, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedCart {
    /// One price for each line of the cart, in any order.
    pub lines: Vec<PricedLine>,
    /// Lines whose item the plugin does not know; the operation is then refused.
    pub unknown: Vec<LineId>,
    /// Discounts that apply, automatic ones included.
    pub discounts: Vec<OfferedDiscount>,
    /// Codes of the cart that do not apply, each with a reason.
    pub rejected: Vec<RejectedCode>,
    /// Fees beside the items, e.g. gift wrap.
    pub fees: Vec<OfferedFee>,
    /// Messages for the buyer.
    pub messages: Vec<Message>,
}

/// The amounts of one line before its tax is known, computed by the host. They include tax if the price does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmount {
    /// Line of the cart.
    pub line: LineId,
    /// Item of the line: the merchant's SKU.
    pub item: ItemId,
    /// Group that the line is in; `None` if it is in none.
    pub group: Option<GroupId>,
    /// Units in the line, at least 1.
    pub quantity: u32,
    /// Price of one unit before discounts.
    pub unit_price: Amount,
    /// Whether the price includes tax.
    pub tax_included: bool,
    /// Rule L1: unit price × quantity.
    pub base: Amount,
    /// Sum of the discounts allocated to the line; at most `base` (rule L2).
    pub discount: Amount,
    /// Rule L2: `base - discount`.
    pub subtotal: Amount,
    /// Share of the line in the discounts on the order.
    pub order_discount: Amount,
    /// Amount after every discount: `subtotal - order_discount`.
    pub taxable: Amount,
}
