//! The questions that the host asks of a merchant's plugin, and its answers, in the domain's own types.
//!
//! They mirror the contract in `wit/merchant`; `plugin/api` converts. Amounts arrive unchecked (`i64`), because a plugin may
//! say anything: [`super::quote`] is where they become [`super::money::Amount`]s or an error that names the rule.

use serde::{Deserialize, Serialize};

use super::cart::{Cart, CartLine};
use super::credential::CardDisplay;
use super::ids::{ItemId, LineId, OptionId, ReservationId};
use super::message::{Message, Subject};
use super::money::{Amount, Currency, Money};
use super::people::{Address, Buyer};
use super::time::Timestamp;

/// An operation with effects: the same `id` has its effect once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Unique per operation.
    pub id: String,
    /// 1 for the first call.
    pub attempt: u32,
    /// At most 45 characters.
    pub idempotency_key: String,
    /// The merchant's reference of the payment.
    pub reference: String,
    /// Time of this call.
    pub now: Timestamp,
}

/// Stock of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The line.
    pub line: LineId,
    /// `in_stock`, `low_stock`, `out_of_stock`, `backorder` or `pre_order`.
    pub availability: String,
    /// Units that this cart could have; `None` where the item is not counted.
    pub available: Option<u64>,
}

/// Stock set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// What is set aside.
    pub lines: Vec<CartLine>,
    /// Released then at the latest.
    pub expires: Timestamp,
}

/// Answer to a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// All of it is set aside.
    All,
    /// None of it is, because of these lines.
    Insufficient(Vec<Stock>),
}

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

/// One way of fulfillment, as the plugin says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedOption {
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
    pub price: i64,
    /// Its lines; empty for all.
    pub lines: Vec<LineId>,
}

/// Answer of `fulfillment.options`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Best first.
    pub options: Vec<OfferedOption>,
    /// Holds while the buyer has not chosen.
    pub preselected: Option<OptionId>,
    /// Texts.
    pub messages: Vec<Message>,
}

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

/// A page of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `terms_of_use`, `privacy_policy` …
    pub kind: String,
    /// Absolute URL.
    pub url: String,
}

/// A kind of marketing that the buyer may agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentOption {
    /// `email`, `sms` …
    pub channel: String,
    /// The question.
    pub text: String,
    /// Absolute URL.
    pub privacy_policy: String,
    /// Whether the buyer agreed before.
    pub subscribed: bool,
}

/// Answer of `presentation.page`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Links.
    pub links: Vec<Link>,
    /// Texts.
    pub messages: Vec<Message>,
    /// Marketing consent to ask for.
    pub consents: Vec<ConsentOption>,
}

/// How an item is shown: from the catalog, or from `presentation.describe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Title.
    pub title: String,
    /// Plain text.
    pub description: Option<String>,
    /// Absolute URLs.
    pub images: Vec<String>,
    /// Product page.
    pub url: Option<String>,
}

/// Question of `risk.assess`.
#[derive(Clone, Debug)]
pub struct RiskRequest {
    /// The cart.
    pub cart: Cart,
    /// Grand total.
    pub total: Amount,
    /// Billing address.
    pub billing: Option<Address>,
    /// What may be known of the card.
    pub card: Option<CardDisplay>,
    /// The buyer's device, as the agent reports it.
    pub ip: Option<String>,
    /// The same.
    pub user_agent: Option<String>,
}

/// Answer of `risk.assess`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskDecision {
    /// Take it.
    Allow,
    /// Take it and look at it.
    Review(String),
    /// Refuse it; the agent sees a declined payment.
    Block(String),
}

/// Answer of `orders.identify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIdentity {
    /// Unique with the merchant.
    pub id: String,
    /// The number that people use.
    pub number: Option<String>,
    /// Absolute URL.
    pub permalink: String,
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The order.
    pub order: String,
    /// `created`, `canceled`.
    pub kind: String,
    /// Grand total.
    pub total: Money,
}

/// A business answer that stops an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Lower snake case.
    pub code: String,
    /// For the agent.
    pub message: String,
    /// What it is about.
    pub about: Subject,
}

/// Answer of `payments.profile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorProfile {
    /// Name of the processor.
    pub processor: String,
    /// How it treats a request that it has seen; `None` if it cannot tell.
    pub idempotency: Option<ProcessorIdempotency>,
    /// How long a charge may stay invisible to lookup, in seconds.
    pub visibility_delay_s: u32,
    /// Empty for any.
    pub currencies: Vec<Currency>,
}

/// Idempotency of a processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorIdempotency {
    /// The header that carries the key.
    pub header: String,
    /// Life of a key in seconds.
    pub key_life_s: u32,
    /// Whether errors are replayed.
    pub replays_errors: bool,
}

/// What is charged, and for what.
#[derive(Clone, Debug)]
pub struct ChargeOrder {
    /// The checkout session.
    pub session: String,
    /// The order that it pays.
    pub order: String,
    /// Amount.
    pub amount: Money,
    /// Text for the buyer's statement.
    pub statement: Option<String>,
    /// Billing address.
    pub billing: Option<Address>,
    /// Shipping address.
    pub shipping: Option<Address>,
    /// The buyer's email address.
    pub email: Option<String>,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeOutcome {
    /// Money was taken. The amount and currency are the plugin's word, to be compared.
    Approved {
        /// The processor's own reference.
        processor_reference: String,
        /// Minor units.
        minor: i64,
        /// ISO 4217.
        currency: String,
        /// Captured, or only authorised.
        captured: bool,
    },
    /// Money was not taken, and will not be.
    Declined {
        /// `insufficient_funds` …
        code: String,
        /// Whether the same card may be tried again.
        retryable: bool,
    },
    /// The processor will decide later.
    Pending(String),
    /// The buyer has to act first.
    ActionRequired {
        /// `three_d_secure` …
        kind: String,
        /// Where.
        url: Option<String>,
    },
    /// It cannot be told.
    Unknown(Option<String>),
}

/// What `payments.lookup` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The charge.
    Found(ChargeOutcome),
    /// The processor knows none with this reference.
    Absent,
}
