//! A quote: what the cart costs, with totals that are correct by construction.
//!
//! Plugins decide unit prices, discounts, fulfillment options, fees and taxes. The host multiplies and adds in checked integers,
//! and refuses an answer that breaks a [`QuoteRule`]; `wit/README.md` has the table of them for plugin authors. Four more hold by
//! construction, because only the host computes them:
//!
//! | id | what holds |
//! |---|---|
//! | T2 | `items_base = Σ base` over the lines |
//! | T3 | `items_discount = Σ discount` over the lines |
//! | T5 | `fulfillment` is the options that apply after their discounts; `tax = Σ line tax + Σ tax of these options + Σ fee tax` |
//! | O2 | the discount on an option is at most its price |
//! | D2 | `Σ discount amounts = items_discount + order discount + Σ discounts on the options that apply` |
//!
//! Every amount of a quote but its taxes and totals is without tax. Where a price includes tax, the net amounts are derived so that
//! net and tax together are what was shown ([`ShownAmounts`]).
//!
//! The host never recomputes a tax that a plugin answered as an amount. From rates it computes the taxes by the plugin's own rounding
//! rule.

pub mod amounts;
pub mod assemble;
mod destination;
pub mod digest;
mod discounts;
mod net;
pub mod options;
mod party_limits;
mod rounding;
mod rule;
mod selection;
mod taxes;
#[cfg(test)]
mod tests;
pub mod totals;

use serde::{Deserialize, Serialize};
use tillhouse_amounts::rounding::Rounding;

use super::cart::{Choice, FulfillmentKind};
use super::decision::{
    ConsentOption, Coupon, DiscountTarget, ItemDescription, Link, PickupPlace, RejectedCode, Support, TaxPart,
};
use super::diagnostic::Diagnostic;
use super::ids::{GroupId, ItemId, LineId, OptionId};
use super::message::{Message, MessageSeverity};
use super::money::Amount;
use super::time::Timestamp;
pub use rule::QuoteRule;
pub use totals::Totals;

/// A rule of the contract that a plugin's answer breaks. The operator sees it; the agent does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function} breaks rule {rule}: {detail}")]
pub struct ContractError {
    /// Function whose answer breaks the rule: `pricing.price`.
    pub function: &'static str,
    /// The rule that does not hold.
    pub rule: QuoteRule,
    /// What is wrong: the line, option, fee or code, and the amounts.
    pub detail: String,
}

impl From<&ContractError> for Diagnostic {
    /// The rule is the code, the function is the place, and the help is for the plugin's author.
    fn from(broken: &ContractError) -> Self {
        Self::error(broken.rule.id(), broken.function, broken.detail.as_str()).with_help(broken.rule.help())
    }
}

pub(crate) fn contract_error(function: &'static str, rule: QuoteRule, detail: impl Into<String>) -> ContractError {
    ContractError {
        function,
        rule,
        detail: detail.into(),
    }
}

/// Amounts of a line as its price is stated: with tax if the price includes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAmounts {
    /// Rule L1: `unit_price × quantity`.
    pub base: Amount,
    /// Sum of the discounts on the line. Rule L2: at most `base`.
    pub discount: Amount,
    /// Share of the line in the discounts on the order.
    pub order_discount: Amount,
    /// Amount after every discount. Rule N1: where the price includes tax, net and tax together.
    pub total: Amount,
}

/// One line of the cart with all its amounts. Amounts are without tax, except [`QuoteLine::prices`], tax and total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// Line id, equal to the text of the item id.
    pub id: LineId,
    /// Item of the line: the merchant's SKU.
    pub item: ItemId,
    /// Group that the line is in; `None` if it is in none.
    pub group: Option<GroupId>,
    /// How the item is presented: from the catalog or the plugin.
    pub shown: ItemDescription,
    /// Units in the line, at least 1.
    pub quantity: u32,
    /// Price of one unit before discounts, as the plugin stated it.
    pub unit_price: Amount,
    /// Whether that price includes tax.
    pub tax_included: bool,
    /// The amounts as the price is stated.
    pub prices: ShownAmounts,
    /// Price of all units before discounts.
    pub base: Amount,
    /// Sum of the discounts on the line; at most `base`.
    pub discount: Amount,
    /// Amount after these: `base - discount`.
    pub subtotal: Amount,
    /// Share of the line in the discounts on the order; at most `subtotal`.
    pub order_discount: Amount,
    /// Tax on the line; zero if the plugin named none.
    pub tax: Amount,
    /// Breakdown of the tax by jurisdiction; may be empty.
    pub tax_parts: Vec<TaxPart>,
    /// Why the line is exempt from tax; `None` if it is not.
    pub tax_exempt: Option<String>,
    /// Rule L3: `subtotal + tax`.
    pub total: Amount,
    /// Availability: `in_stock`, `out_of_stock` …; `None` if the plugin gave none for the line.
    pub availability: Option<String>,
    /// Units in stock for this cart; `None` if the item is not counted.
    pub available: Option<u64>,
    /// When the item can be delivered from, if it is on backorder or pre-order.
    pub available_from: Option<Timestamp>,
    /// Maximum quantity in one order; `None` for no limit.
    pub max_quantity: Option<u32>,
}

/// One fulfillment option with all its amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteOption {
    /// Id chosen by the plugin, unique in the quote.
    pub id: OptionId,
    /// Kind of fulfillment: `shipping`, `digital`, `pickup` or `local_delivery`.
    pub kind: String,
    /// Name for the buyer, e.g. `Express`.
    pub title: String,
    /// Further text for the buyer.
    pub description: Option<String>,
    /// Name of the carrier.
    pub carrier: Option<String>,
    /// Earliest time of arrival.
    pub earliest: Option<Timestamp>,
    /// Latest time of arrival.
    pub latest: Option<Timestamp>,
    /// Price of the option before discounts, as the plugin stated it.
    pub shown_price: Amount,
    /// Whether that price includes tax.
    pub tax_included: bool,
    /// Sum of the discounts on the option, without tax.
    pub discount: Amount,
    /// Price after the discounts on it, without tax.
    pub subtotal: Amount,
    /// Tax on the option; zero if the plugin named none.
    pub tax: Amount,
    /// Breakdown of the tax by jurisdiction; may be empty.
    pub tax_parts: Vec<TaxPart>,
    /// Why the option is exempt from tax; `None` if it is not.
    pub tax_exempt: Option<String>,
    /// Rule O1: `subtotal + tax`.
    pub total: Amount,
    /// Lines that the option covers; empty for all lines, or all lines of its group.
    pub lines: Vec<LineId>,
    /// Group that the option is for; `None` if it is for none.
    pub group: Option<GroupId>,
    /// Place of a `pickup`; `None` for other kinds, and if the plugin named no place.
    pub place: Option<PickupPlace>,
    /// Kind of pickup: `in_store`, `curbside` or `locker`.
    pub pickup_type: Option<String>,
    /// When the goods can be picked up from.
    pub ready_by: Option<Timestamp>,
    /// Until when the goods are kept.
    pub pickup_by: Option<Timestamp>,
}

impl QuoteOption {
    /// The kind under which protocols show the option. A pickup whose place is not known is shown as shipping: the protocols
    /// require the place.
    #[must_use]
    pub fn shown_kind(&self) -> FulfillmentKind {
        match (self.kind.as_str(), &self.place) {
            ("digital", _) => FulfillmentKind::Digital,
            ("local_delivery", _) => FulfillmentKind::LocalDelivery,
            ("pickup", Some(_)) => FulfillmentKind::Pickup,
            _ => FulfillmentKind::Shipping,
        }
    }
}

/// A discount that applies, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Id chosen by the plugin, unique in the quote.
    pub id: String,
    /// Discount code that the discount came from, exactly as in the cart; `None` for an automatic discount.
    pub code: Option<String>,
    /// Coupon that it comes from, with its name for the buyer.
    pub coupon: Coupon,
    /// `each` if every line is discounted by itself, else `across`.
    pub method: String,
    /// Order of application, starting with 1.
    pub priority: u32,
    /// When it began to apply; `None` if it was not limited.
    pub starts: Option<Timestamp>,
    /// When it ends; `None` if it is not limited.
    pub ends: Option<Timestamp>,
    /// What it takes off of the prices as they are stated: with tax where they include it.
    pub shown_amount: Amount,
    /// The sum of the allocations, without tax.
    pub amount: Amount,
    /// Amounts deducted, each with its target, without tax. Of fulfillment options only those that apply are targets.
    pub allocations: Vec<(DiscountTarget, Amount)>,
}

/// A fee beside the items, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Id chosen by the plugin, unique in the quote.
    pub id: String,
    /// Kind of fee: `gift_wrap`, `packing` …
    pub kind: String,
    /// Name for the buyer, e.g. `Gift wrap`.
    pub title: String,
    /// Amount of the fee without tax.
    pub amount: Amount,
    /// Tax on the fee; zero if the plugin named none.
    pub tax: Amount,
    /// Breakdown of the tax by jurisdiction; may be empty.
    pub tax_parts: Vec<TaxPart>,
    /// Why the fee is exempt from tax; `None` if it is not.
    pub tax_exempt: Option<String>,
}

/// What a cart costs at one revision of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Lines, in the order of the cart.
    pub lines: Vec<QuoteLine>,
    /// Discounts, in the order of application.
    pub discounts: Vec<Discount>,
    /// Codes of the cart that do not apply, each with a reason.
    pub rejected_codes: Vec<RejectedCode>,
    /// Fees beside the items, e.g. gift wrap.
    pub fees: Vec<Fee>,
    /// Fulfillment options on offer, best first.
    pub options: Vec<QuoteOption>,
    /// The options that apply, each once, with their lines: those chosen while they are on offer, else the preselected ones.
    pub selected: Vec<Choice>,
    /// Sums over lines, options that apply and fees.
    pub totals: Totals,
    /// Messages for the buyer. An error among them blocks payment.
    pub messages: Vec<Message>,
    /// Links to pages of the merchant: terms, policies, contact.
    pub links: Vec<Link>,
    /// Marketing consents to ask the buyer for.
    pub consents: Vec<ConsentOption>,
    /// Page where the buyer can continue on the merchant's own site.
    pub continue_url: Option<String>,
    /// How the buyer reaches the merchant.
    pub support: Option<Support>,
    /// When the offer of [`super::cart::Cart::quote_id`] ends, if the merchant says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Metadata for the agent, in pairs of a key and a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<(String, String)>,
}

impl QuoteLine {
    /// Whether none of it can be bought now.
    #[must_use]
    pub fn is_sold_out(&self) -> bool {
        self.available.map_or_else(
            || self.availability.as_deref() == Some("out_of_stock"),
            |available| available == 0,
        )
    }

    /// Price of one unit before discounts, without tax: of a price that includes tax the rounded share of one unit.
    #[must_use]
    pub fn net_unit_price(&self) -> Amount {
        if !self.tax_included {
            return self.unit_price;
        }
        let net = Rounding::HalfUp.divide(self.base.minor().into(), self.quantity.max(1).into());
        // It is at most the base.
        i64::try_from(net)
            .ok()
            .and_then(|net| Amount::new(net).ok())
            .unwrap_or(self.base)
    }
}

impl Quote {
    /// Whether the quote is ready for payment: it has lines and no error message.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.lines.is_empty() && self.blockers().next().is_none()
    }

    /// The error messages, which block payment.
    pub fn blockers(&self) -> impl Iterator<Item = &Message> {
        self.messages
            .iter()
            .filter(|message| message.severity == MessageSeverity::Error)
    }

    /// The fulfillment options that apply.
    pub fn selected_options(&self) -> impl Iterator<Item = &QuoteOption> {
        let option = |choice: &Choice| self.options.iter().find(|option| option.id == choice.option);
        self.selected.iter().filter_map(option)
    }

    /// The first fulfillment option that applies, for protocols that know one only; `None` if none is chosen or preselected.
    #[must_use]
    pub fn selected_option(&self) -> Option<&QuoteOption> {
        self.selected_options().next()
    }

    /// The codes that take something off, each once, exactly as in the cart. A code for free shipping takes nothing off a download,
    /// and is not redeemed with it.
    #[must_use]
    pub fn applied_codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        let effective = self
            .discounts
            .iter()
            .filter(|discount| !discount.shown_amount.is_zero());
        for code in effective.filter_map(|discount| discount.code.as_ref()) {
            if !codes.contains(code) {
                codes.push(code.clone());
            }
        }
        codes
    }
}
