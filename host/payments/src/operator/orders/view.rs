//! Orders as operators see them.

use serde::{Deserialize, Serialize};

use crate::operator::timestamp;
use tillhouse_checkout::decision::{Adjustment, Fulfillment, FulfillmentEvent, LineUnits};
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, SessionId};
use tillhouse_checkout::order::{AppliedChange, Confirmation, Order, OrderLine, OrderStatus};

/// An order as operators see it, without addresses and license keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Id of the order.
    pub id: OrderId,
    /// Number that the shop shows to people.
    pub number: Option<String>,
    /// Page of the order for the buyer.
    pub permalink: String,
    /// Merchant that sold it.
    pub merchant: MerchantId,
    /// Checkout session that it came from.
    pub session: SessionId,
    /// Payment attempt that paid it.
    pub attempt: AttemptId,
    /// Grows by one with every change.
    pub revision: u64,
    /// Status, derived from its lines and parcels.
    pub status: OrderStatus,
    /// Amount that was captured, in minor units of the currency.
    pub captured: i64,
    /// Amount that has gone back.
    pub refunded: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// When it was placed (RFC 3339).
    pub created: String,
    /// Lines with their units.
    pub lines: Vec<OrderLine>,
    /// Parcels, pickups and downloads, oldest first.
    pub fulfillments: Vec<FulfillmentView>,
    /// Refunds, returns, credits and cancellations, oldest first.
    pub adjustments: Vec<AdjustmentView>,
    /// Confirmation by the merchant's own system.
    pub confirmation: Confirmation,
    /// Changes that were applied, oldest first.
    pub changes: Vec<AppliedChangeView>,
}

/// A parcel, pickup or download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentView {
    /// Id, the same in every order event.
    pub id: String,
    /// `shipping`, `pickup` or `digital`.
    pub kind: String,
    /// `pending`, `processing`, `shipped`, `delivered` …
    pub status: String,
    /// Units of each line in it.
    pub lines: Vec<LineUnits>,
    /// Name of the carrier.
    pub carrier: Option<String>,
    /// Tracking number at the carrier.
    pub tracking_number: Option<String>,
    /// Where the parcel can be tracked.
    pub tracking_url: Option<String>,
    /// What happened to it, oldest first.
    pub events: Vec<FulfillmentEventView>,
}

/// An event in the course of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentEventView {
    /// `shipped`, `in_transit`, `delivered` …
    pub kind: String,
    /// Place of the event.
    pub location: Option<String>,
    /// When it took place (RFC 3339).
    pub at: String,
}

/// A refund, return, credit or cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentView {
    /// Id, the same in every order event.
    pub id: String,
    /// `refund`, `return`, `credit`, `cancellation` or `dispute`.
    pub kind: String,
    /// `pending`, `completed` or `failed`.
    pub status: String,
    /// Lines that it is about; empty for the order as a whole.
    pub lines: Vec<LineUnits>,
    /// Amount that it moves, in minor units.
    pub amount: Option<i64>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason.
    pub code: Option<String>,
    /// When it last changed (RFC 3339).
    pub at: String,
}

/// A change that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedChangeView {
    /// Id of the change, unique for its source.
    pub id: String,
    /// Who reported it: `operator`, `notice` or `refund`.
    pub source: String,
    /// Revision of the order that it made.
    pub revision: u64,
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let progress = &order.progress;
        Self {
            id: order.id.clone(),
            number: order.number.clone(),
            permalink: order.permalink.clone(),
            merchant: order.merchant.clone(),
            session: order.session.clone(),
            attempt: order.attempt.clone(),
            revision: order.revision(),
            status: order.status(),
            captured: order.total.amount.minor(),
            refunded: order.refunded().amount.minor(),
            currency: order.total.currency.lower(),
            created: timestamp::text(order.created),
            lines: order.lines(),
            fulfillments: progress.fulfillments.iter().map(FulfillmentView::from).collect(),
            adjustments: progress.adjustments.iter().map(AdjustmentView::from).collect(),
            confirmation: progress.confirmation.clone(),
            changes: progress.applied.iter().map(AppliedChangeView::from).collect(),
        }
    }
}

impl From<&Fulfillment> for FulfillmentView {
    fn from(fulfillment: &Fulfillment) -> Self {
        Self {
            id: fulfillment.id.clone(),
            kind: fulfillment.kind.clone(),
            status: fulfillment.status.clone(),
            lines: fulfillment.lines.clone(),
            carrier: fulfillment.carrier.clone(),
            tracking_number: fulfillment.tracking_number.clone(),
            tracking_url: fulfillment.tracking_url.clone(),
            events: fulfillment.events.iter().map(FulfillmentEventView::from).collect(),
        }
    }
}

impl From<&FulfillmentEvent> for FulfillmentEventView {
    fn from(event: &FulfillmentEvent) -> Self {
        Self {
            kind: event.kind.clone(),
            location: event.location.clone(),
            at: timestamp::text(event.at),
        }
    }
}

impl From<&Adjustment> for AdjustmentView {
    fn from(adjustment: &Adjustment) -> Self {
        Self {
            id: adjustment.id.clone(),
            kind: adjustment.kind.clone(),
            status: adjustment.status.clone(),
            lines: adjustment.lines.clone(),
            amount: adjustment.amount.map(|money| money.amount.minor()),
            reason: adjustment.reason.clone(),
            code: adjustment.code.clone(),
            at: timestamp::text(adjustment.at),
        }
    }
}

impl From<&AppliedChange> for AppliedChangeView {
    fn from(change: &AppliedChange) -> Self {
        Self {
            id: change.id.clone(),
            source: change.source.name().to_owned(),
            revision: change.revision,
        }
    }
}
