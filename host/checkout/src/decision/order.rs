//! The identity of an order, its draft, and the order events that a plugin is notified of.

use serde::{Deserialize, Serialize};

use crate::cart::Cart;
use crate::contact::Address;
use crate::money::Money;
use crate::order::OrderLine;
use crate::quote::Quote;
use crate::time::Timestamp;

/// An order before its payment, as `orders.identify` gets it.
#[derive(Clone, Copy, Debug)]
pub struct OrderDraft<'a> {
    /// Cart that is ordered.
    pub cart: &'a Cart,
    /// What it costs, with all amounts.
    pub quote: &'a Quote,
    /// Grand total, in the currency of the session.
    pub total: Money,
}

/// Identity of an order: the answer of `orders.identify`, given before the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIdentity {
    /// Order id, unique for the merchant, 1 to 128 bytes.
    pub id: String,
    /// Order number for people, e.g. `1001`; `None` if the shop has none beside the id.
    pub number: Option<String>,
    /// Page of the order for the buyer: an absolute http or https URL.
    pub permalink: String,
    /// Confirmation number for people, if it differs from the order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
}

/// Units of a line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineUnits {
    /// Id of the cart line.
    pub line: String,
    /// How many units of the line.
    pub quantity: u32,
}

/// How the buyer gets a download.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigitalDelivery {
    /// Absolute URL of the download.
    pub url: Option<String>,
    /// License key that unlocks the download.
    pub license_key: Option<String>,
    /// When the download expires.
    pub expires: Option<Timestamp>,
}

/// An event in the course of a fulfillment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentEvent {
    /// Id, the same in every event that contains it.
    pub id: String,
    /// `processing`, `shipped`, `in_transit`, `delivered` …
    pub kind: String,
    /// Description for the buyer.
    pub description: Option<String>,
    /// Place of the event, as text.
    pub location: Option<String>,
    /// When it took place.
    pub at: Timestamp,
}

/// A parcel, pickup or download of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfillment {
    /// Id, the same in every event that contains it.
    pub id: String,
    /// `shipping`, `pickup` or `digital`.
    pub kind: String,
    /// `pending`, `processing`, `shipped`, `delivered` …
    pub status: String,
    /// Lines in it; empty for all.
    pub lines: Vec<LineUnits>,
    /// Name of the carrier.
    pub carrier: Option<String>,
    /// Tracking number at the carrier.
    pub tracking_number: Option<String>,
    /// Absolute URL where the parcel can be tracked.
    pub tracking_url: Option<String>,
    /// Description for the buyer.
    pub description: Option<String>,
    /// Address that it goes to, if it is not that of the order.
    pub destination: Option<Address>,
    /// Earliest time of arrival.
    pub earliest: Option<Timestamp>,
    /// Latest time of arrival.
    pub latest: Option<Timestamp>,
    /// How the buyer gets a download.
    pub digital: Option<DigitalDelivery>,
    /// Events in the course of it, oldest first.
    pub events: Vec<FulfillmentEvent>,
    /// When it last changed.
    pub at: Timestamp,
}

/// A refund, return, credit, cancellation or dispute of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Id, the same in every event that contains it.
    pub id: String,
    /// `refund`, `partial_refund`, `return`, `credit`, `cancellation` or `dispute`.
    pub kind: String,
    /// `pending`, `completed` or `failed`.
    pub status: String,
    /// Lines that it is about; empty for the order as a whole.
    pub lines: Vec<LineUnits>,
    /// Amount of money that it moves, if any.
    pub amount: Option<Money>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason: `damaged`, `not_received` …
    pub code: Option<String>,
    /// When it last changed.
    pub at: Timestamp,
}

/// An affiliate that led the buyer to the merchant, as the agent names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// `first` or `last` touch.
    pub touch: String,
    /// Provider of the attribution.
    pub provider: String,
    /// Token, as the provider issued it.
    pub token: Option<String>,
    /// Publisher, campaign and further members as names and values.
    pub fields: Vec<(String, String)>,
}

/// The buyer's answer to a marketing consent that was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Marketing channel: `email`, `sms` …
    pub channel: String,
    /// Whether the buyer consents.
    pub granted: bool,
}

/// How an order was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPayment {
    /// Name of the processor; empty if nothing was due.
    pub processor: String,
    /// The host's reference of the payment, `pa_…`.
    pub reference: String,
    /// The processor's own reference; `None` if nothing was due.
    pub processor_reference: Option<String>,
    /// Amount that was paid.
    pub amount: Money,
    /// Whether the amount is captured; otherwise it is only authorized.
    pub captured: bool,
}

/// An order event, as sent to `orders.notify`: the whole order after the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// Id of the order.
    pub order: String,
    /// Kind of event: `created`, `updated` or `canceled`.
    pub kind: String,
    /// Number of the event within the order: 1 for `created`.
    pub revision: u64,
    /// Status of the order after the event: `confirmed` …
    pub status: String,
    /// Lines with their units.
    pub lines: Vec<OrderLine>,
    /// Parcels, pickups and downloads, oldest first.
    pub fulfillments: Vec<Fulfillment>,
    /// Refunds, returns, credits and cancellations, oldest first.
    pub adjustments: Vec<Adjustment>,
    /// Cart that was ordered.
    pub cart: Cart,
    /// What it cost, with all amounts.
    pub quote: Quote,
    /// Grand total that was charged.
    pub total: Money,
    /// Billing address, if the agent sent one.
    pub billing: Option<Address>,
    /// How the order was paid.
    pub payment: OrderPayment,
    /// Affiliates, first and last touch.
    pub attributions: Vec<Attribution>,
    /// The buyer's answers to the marketing consents that were offered.
    pub consents: Vec<Consent>,
}
