//! What Adyen is told after the sale: `POST /events`, which its sequence diagrams name "tracking info".
//!
//! Adyen publishes the name of the endpoint and nothing of its body, so that everything here is an assumption. It is made in this file
//! only, and every name in it is a setting ([`AdyenEventForm`]):
//!
//! - Members are in camel case, and amounts are `{"currency", "value"}` in Adyen's units, as in its other APIs for merchants
//!   (<https://docs.adyen.com/api-explorer/Checkout/latest/overview>).
//! - One event is one step of an order: shipped, delivered, refunded or canceled. Other changes are not told, and neither is the sale:
//!   Adyen has made it.
//! - An event has the order as it is then, with every parcel and every adjustment, and its revision: one that is lost or late is made up
//!   for by the next.
//! - `sessionId` is Adyen's own id of the checkout, `merchantReference` the `reference` of the payment at `/payments`.
//!
//! Who led the buyer to the merchant, and what a canceled checkout said of its reasons, stay with the merchant.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::settings::OutgoingNames;
use tillhouse_checkout::caller::Protocol;
use tillhouse_checkout::decision::{self, LineUnits};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::{AfterSale, Order};
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::party_units::Party;

/// What an operator says of the body, where Adyen expects another than we assume.
#[derive(Clone, Debug, Default)]
pub struct AdyenEventForm {
    /// Names of members; those of the body are [`Self::MEMBERS`].
    pub names: OutgoingNames,
    /// Values of `type`, by ours; those are [`Self::TYPES`].
    pub types: BTreeMap<String, String>,
}

impl AdyenEventForm {
    /// The steps of an order that Adyen is told of.
    pub const TYPES: [&str; 4] = ["shipped", "delivered", "refunded", "canceled"];

    /// The paths of all members.
    pub const MEMBERS: [&str; 35] = [
        "type",
        "merchantAccount",
        "sessionId",
        "orderId",
        "orderNumber",
        "merchantReference",
        "status",
        "revision",
        "permalinkUrl",
        "amount",
        "amount.currency",
        "amount.value",
        "refundedAmount",
        "refundedAmount.currency",
        "refundedAmount.value",
        "fulfillments",
        "fulfillments.id",
        "fulfillments.type",
        "fulfillments.status",
        "fulfillments.carrier",
        "fulfillments.trackingNumber",
        "fulfillments.trackingUrl",
        "fulfillments.lineItems",
        "fulfillments.lineItems.id",
        "fulfillments.lineItems.quantity",
        "adjustments",
        "adjustments.id",
        "adjustments.type",
        "adjustments.status",
        "adjustments.amount",
        "adjustments.amount.currency",
        "adjustments.amount.value",
        "adjustments.lineItems",
        "adjustments.lineItems.id",
        "adjustments.lineItems.quantity",
    ];
}

/// A step of an order, as Adyen is told of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    r#type: &'a str,
    merchant_account: &'a str,
    session_id: &'a str,
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<&'a str>,
    merchant_reference: &'a str,
    status: &'static str,
    revision: u64,
    permalink_url: &'a str,
    amount: Amount,
    refunded_amount: Amount,
    fulfillments: Vec<Fulfillment<'a>>,
    adjustments: Vec<Adjustment<'a>>,
}

/// An amount in Adyen's units of an upper-case currency.
#[derive(Debug, Serialize)]
struct Amount {
    currency: String,
    value: i64,
}

/// A parcel, pickup or download.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fulfillment<'a> {
    id: &'a str,
    r#type: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_url: Option<&'a str>,
    line_items: Vec<Units<'a>>,
}

/// A refund, return, credit or cancellation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Adjustment<'a> {
    id: &'a str,
    r#type: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    line_items: Vec<Units<'a>>,
}

/// Units of a line.
#[derive(Debug, Serialize)]
struct Units<'a> {
    id: &'a str,
    quantity: u32,
}

/// The body for Adyen's `/events`; `None` for an order of another protocol, for a new order, and for a change that Adyen is not told of.
#[must_use]
pub fn adyen_event(merchant_account: &str, form: &AdyenEventForm, snapshot: &OrderSnapshot<'_>) -> Option<Vec<u8>> {
    let of_adyen = matches!(
        snapshot.session.protocol,
        Some(Protocol::AdyenAgent | Protocol::AdyenMerchant)
    );
    let OrderEventType::Updated { before } = snapshot.event else {
        return None;
    };
    let step = snapshot.order.step_since(before).filter(|_| of_adyen)?;
    let mut event = Event::new(step, merchant_account, snapshot.order);
    event.r#type = form.types.get(event.r#type).map_or(event.r#type, String::as_str);
    // Strings, numbers and lists: writing them cannot fail.
    let event = serde_json::to_value(&event).unwrap_or_default();
    Some(form.names.applied(event).to_string().into_bytes())
}

impl<'a> Event<'a> {
    fn new(step: AfterSale, merchant_account: &'a str, order: &'a Order) -> Self {
        Self {
            r#type: type_of(step),
            merchant_account,
            session_id: order.session.as_str(),
            order_id: order.id.as_str(),
            order_number: order.number.as_deref(),
            merchant_reference: order.attempt.as_str(),
            status: order.status().name(),
            revision: order.revision(),
            permalink_url: &order.permalink,
            amount: order.total.into(),
            refunded_amount: order.refunded().into(),
            fulfillments: order.progress.fulfillments.iter().map(Into::into).collect(),
            adjustments: order.progress.adjustments.iter().map(Into::into).collect(),
        }
    }
}

const fn type_of(step: AfterSale) -> &'static str {
    match step {
        AfterSale::Shipped => "shipped",
        AfterSale::Delivered => "delivered",
        AfterSale::Refunded => "refunded",
        AfterSale::Canceled => "canceled",
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self {
            currency: money.currency.to_string(),
            value: Party::Adyen.shown(money),
        }
    }
}

impl<'a> From<&'a decision::Fulfillment> for Fulfillment<'a> {
    fn from(fulfillment: &'a decision::Fulfillment) -> Self {
        Self {
            id: &fulfillment.id,
            r#type: &fulfillment.kind,
            status: &fulfillment.status,
            carrier: fulfillment.carrier.as_deref(),
            tracking_number: fulfillment.tracking_number.as_deref(),
            tracking_url: fulfillment.tracking_url.as_deref(),
            line_items: units(&fulfillment.lines),
        }
    }
}

impl<'a> From<&'a decision::Adjustment> for Adjustment<'a> {
    fn from(adjustment: &'a decision::Adjustment) -> Self {
        Self {
            id: &adjustment.id,
            r#type: &adjustment.kind,
            status: &adjustment.status,
            amount: adjustment.amount.map(Into::into),
            line_items: units(&adjustment.lines),
        }
    }
}

fn units(lines: &[LineUnits]) -> Vec<Units<'_>> {
    let units = lines.iter().map(|units| Units {
        id: &units.line,
        quantity: units.quantity,
    });
    units.collect()
}

#[cfg(test)]
mod tests;
