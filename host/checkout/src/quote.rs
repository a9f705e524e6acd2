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
//! | T5 | `fulfillment` is the selected option before tax; `tax = Σ line tax + tax of the selected option + Σ fee tax` |
//! | D2 | `Σ discount amounts = items_discount + order discount` |
//!
//! The host never recomputes a tax: rounding is the plugin's decision, and the host only adds up.

pub mod amounts;
pub mod assemble;
mod destination;
mod rule;
pub mod totals;

use serde::{Deserialize, Serialize};

use super::decision::{
    ConsentOption, DiscountTarget, DiscountTerms, ItemDescription, Link, PickupPlace, RejectedCode, TaxPart,
};
use super::diagnostic::Diagnostic;
use super::ids::{ItemId, LineId, OptionId};
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

/// One line of the cart with all its amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// Line id, equal to the text of the item id.
    pub id: LineId,
    /// Item of the line: the merchant's SKU.
    pub item: ItemId,
    /// How the item is presented: from the catalog or the plugin.
    pub shown: ItemDescription,
    /// Units in the line, at least 1.
    pub quantity: u32,
    /// Price of one unit before discounts.
    pub unit_price: Amount,
    /// Rule L1: `unit_price × quantity`.
    pub base: Amount,
    /// Sum of the discounts allocated to the line. Rule L2: at most `base`.
    pub discount: Amount,
    /// Rule L2: `base - discount`.
    pub subtotal: Amount,
    /// Tax on the line as the plugin assessed it; zero if it named none.
    pub tax: Amount,
    /// Breakdown of the tax by jurisdiction; may be empty.
    pub tax_parts: Vec<TaxPart>,
    /// Rule L3: `subtotal + tax`.
    pub total: Amount,
    /// Availability: `in_stock`, `out_of_stock` …; `None` if the plugin gave none for the line.
    pub availability: Option<String>,
    /// Units in stock for this cart; `None` if the item is not counted.
    pub available: Option<u64>,
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
    /// Price of the option before tax.
    pub subtotal: Amount,
    /// Tax on the option as the plugin assessed it; zero if it named none.
    pub tax: Amount,
    /// Rule O1: `subtotal + tax`.
    pub total: Amount,
    /// Lines that the option covers; empty for all lines.
    pub lines: Vec<LineId>,
    /// Place of a `pickup`; `None` for other kinds, and if the plugin named no place.
    pub place: Option<PickupPlace>,
}

/// A discount that applies, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Id chosen by the plugin, unique in the quote.
    pub id: String,
    /// Discount code that the discount came from, exactly as in the cart; `None` for an automatic discount.
    pub code: Option<String>,
    /// Name for the buyer, e.g. `10 % off`.
    pub title: String,
    /// Rate or fixed amount, for display.
    pub terms: DiscountTerms,
    /// `each` if every line is discounted by itself, else `across`.
    pub method: String,
    /// Order of application, starting with 1.
    pub priority: u32,
    /// Rule D1: the sum of the allocations.
    pub amount: Amount,
    /// Amounts deducted, each with its target; every amount is at least 1.
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
    /// Amount of the fee before tax.
    pub amount: Amount,
    /// Tax on the fee as the plugin assessed it; zero if it named none.
    pub tax: Amount,
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
    /// The option that applies: the chosen one while it is on offer, else the preselected one.
    pub selected: Option<OptionId>,
    /// Sums over lines, selected option and fees.
    pub totals: Totals,
    /// Messages for the buyer. An error among them blocks payment.
    pub messages: Vec<Message>,
    /// Links to pages of the merchant: terms, policies, contact.
    pub links: Vec<Link>,
    /// Marketing consents to ask the buyer for.
    pub consents: Vec<ConsentOption>,
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

    /// The selected fulfillment option; `None` if none is chosen or preselected.
    #[must_use]
    pub fn selected_option(&self) -> Option<&QuoteOption> {
        let selected = self.selected.as_ref()?;
        self.options.iter().find(|option| option.id == *selected)
    }

    /// The codes that apply, each once, exactly as in the cart.
    #[must_use]
    pub fn applied_codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for code in self.discounts.iter().filter_map(|discount| discount.code.as_ref()) {
            if !codes.contains(code) {
                codes.push(code.clone());
            }
        }
        codes
    }
}
