//! A quote: what the cart costs, with totals that are right by construction.
//!
//! The plugin decides unit prices, discounts, options and taxes; the host multiplies and adds in checked integers and
//! refuses what breaks an invariant of the protocol reference §4.2.

pub mod amounts;
pub mod assemble;
mod destination;
pub mod totals;

use serde::{Deserialize, Serialize};

use super::decision::{ConsentOption, Description, DiscountTarget, DiscountTerms, Link, Place, RejectedCode, TaxPart};
use super::ids::{ItemId, LineId, OptionId};
use super::message::{Message, Severity};
use super::money::Amount;
use super::time::Timestamp;
pub use totals::Totals;

/// A plugin's answer breaks a rule of the contract. The operator sees it; the agent does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function} breaks rule {rule}: {detail}")]
pub struct BrokenRule {
    /// The function whose answer it was.
    pub function: &'static str,
    /// The rule: `L2`, `T6` … of the protocol reference §4.2, or a rule of the WIT in words.
    pub rule: &'static str,
    /// What was wrong.
    pub detail: String,
}

impl BrokenRule {
    /// What the plugin's author can do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.rule {
            "L1" => {
                "unit_price × quantity has to stay below 2^53 minor units: lower the price, or the line's max_quantity"
            }
            "L2" => {
                "all that comes off a line is at most its base, unit_price × quantity: cap the allocations to the line"
            }
            "L4" => "amounts are minor units, 0 or more: what takes money off is a discount, and no negative amount",
            "T6" => {
                "all that comes off the order is at most the sum of its lines after their own discounts: cap the \
                 allocations to the order"
            }
            "D1" => "an allocation takes off 1 minor unit or more: leave out those that come to nothing",
            "D3" => "a rate is at most 1 000 000 ppm, which is everything, and an amount is 0 or more",
            "D4" => {
                "answer every code of the cart, and no other, as often as it was typed: on a discount, or in `rejected` \
                 with a reason of the contract"
            }
            "parts" => "make the amount the sum of its parts, or leave the parts out",
            "identity" => "give every order an id of its own, of 1 to 128 characters, and an absolute permalink",
            "ids" => "use the ids of the question, and each of them once",
            _ => "the sums have to stay below 2^53 minor units, and everything else as the contract has it (`wit/`)",
        }
    }
}

/// One line with all its money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// The line.
    pub id: LineId,
    /// The item.
    pub item: ItemId,
    /// How the item is shown.
    pub shown: Description,
    /// Quantity.
    pub quantity: u32,
    /// One unit before discounts.
    pub unit_price: Amount,
    /// L1: `unit_price * quantity`.
    pub base: Amount,
    /// Discounts allocated to the line. L2: at most `base`.
    pub discount: Amount,
    /// L2: `base - discount`.
    pub subtotal: Amount,
    /// The plugin's word.
    pub tax: Amount,
    /// Its parts.
    pub tax_parts: Vec<TaxPart>,
    /// L3: `subtotal + tax`.
    pub total: Amount,
    /// `in_stock` …, where the plugin said.
    pub availability: Option<String>,
    /// Units that could be had.
    pub available: Option<u64>,
    /// Most units in one order.
    pub max_quantity: Option<u32>,
}

/// One way of fulfillment with all its money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteOption {
    /// Its id.
    pub id: OptionId,
    /// `shipping`, `digital`, `pickup` or `local_delivery`.
    pub kind: String,
    /// Name for the buyer.
    pub title: String,
    /// More for the buyer.
    pub description: Option<String>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// Earliest arrival.
    pub earliest: Option<Timestamp>,
    /// Latest arrival.
    pub latest: Option<Timestamp>,
    /// Before tax.
    pub subtotal: Amount,
    /// The plugin's word.
    pub tax: Amount,
    /// O1: `subtotal + tax`.
    pub total: Amount,
    /// Its lines; empty for all.
    pub lines: Vec<LineId>,
    /// Where to pick it up; pickups only.
    pub place: Option<Place>,
}

/// A discount in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Stable id.
    pub id: String,
    /// The code that brought it, as typed.
    pub code: Option<String>,
    /// Name for the buyer.
    pub title: String,
    /// Its terms.
    pub terms: DiscountTerms,
    /// `each` or `across`.
    pub method: String,
    /// 1 first.
    pub priority: u32,
    /// D1: the sum of the allocations.
    pub amount: Amount,
    /// Where it lands.
    pub allocations: Vec<(DiscountTarget, Amount)>,
}

/// A fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// Stable id.
    pub id: String,
    /// `gift_wrap`, `packing` …
    pub kind: String,
    /// Name for the buyer.
    pub title: String,
    /// Before tax.
    pub amount: Amount,
    /// The plugin's word.
    pub tax: Amount,
}

/// What a cart costs at one revision of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Lines, in the order of the cart.
    pub lines: Vec<QuoteLine>,
    /// Discounts, in the order of application.
    pub discounts: Vec<Discount>,
    /// Codes not in force.
    pub rejected_codes: Vec<RejectedCode>,
    /// Fees.
    pub fees: Vec<Fee>,
    /// Ways of fulfillment.
    pub options: Vec<QuoteOption>,
    /// The one that holds: chosen, or preselected.
    pub selected: Option<OptionId>,
    /// The sums.
    pub totals: Totals,
    /// Texts. An error among them stands in the way of payment.
    pub messages: Vec<Message>,
    /// Pages of the merchant.
    pub links: Vec<Link>,
    /// Marketing consent to ask for.
    pub consents: Vec<ConsentOption>,
}

impl Quote {
    /// Whether nothing stands in the way of payment.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.lines.is_empty() && self.blockers().next().is_none()
    }

    /// What stands in the way.
    pub fn blockers(&self) -> impl Iterator<Item = &Message> {
        self.messages
            .iter()
            .filter(|message| message.severity == Severity::Error)
    }

    /// The fulfillment option that holds.
    #[must_use]
    pub fn selected_option(&self) -> Option<&QuoteOption> {
        let selected = self.selected.as_ref()?;
        self.options.iter().find(|option| option.id == *selected)
    }

    /// The codes in force, as typed.
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
