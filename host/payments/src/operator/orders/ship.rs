//! `order ship`: a new parcel, pickup or download, or news of one.

use serde::{Deserialize, Serialize};

use super::ChangedOrderView;
use super::making::{Asked, change_id, optional_text, optional_url, text};
use crate::operator::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::decision::{DigitalDelivery, Fulfillment, LineUnits};
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::OrderChangeKind;
use tillhouse_checkout::time::Timestamp;

/// The kinds and the states of a fulfillment that agents know (schema `Fulfillment` of ACP 2026-04-17).
const KINDS: [&str; 3] = ["shipping", "pickup", "digital"];
const STATES: [&str; 9] = [
    "pending",
    "processing",
    "shipped",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "failed",
    "canceled",
];

/// `order ship`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShipOrder {
    /// Merchant that sold the order; needed only if several have an order with this id.
    pub merchant: Option<MerchantId>,
    /// Id of the order.
    pub order: OrderId,
    /// Id of the change; derived from the request if left out. The same change is made once.
    pub id: Option<String>,
    /// Lines, carrier and tracking of the shipment.
    #[serde(flatten)]
    pub shipment: Shipment,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// What is shipped, or what is new of what was shipped.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shipment {
    /// Id of the parcel: a known one is updated. The id of the change if left out.
    pub parcel: Option<String>,
    /// `shipping` (the default), `pickup` or `digital`; that of a known parcel does not change.
    pub kind: Option<String>,
    /// If left out, `shipped` for a new parcel, and that of a known one.
    pub status: Option<String>,
    /// Lines in it; empty for all units that are in no other parcel, or for those that the known parcel has.
    #[serde(default)]
    pub lines: Vec<LineUnits>,
    /// Name of the carrier.
    pub carrier: Option<String>,
    /// Tracking number at the carrier.
    pub tracking: Option<String>,
    /// Absolute URL where the parcel can be tracked.
    pub tracking_url: Option<String>,
    /// Description for the buyer.
    pub description: Option<String>,
    /// Earliest time of arrival.
    pub earliest: Option<Timestamp>,
    /// Latest time of arrival.
    pub latest: Option<Timestamp>,
    /// Absolute URL of a download.
    pub download: Option<String>,
    /// License key of a download.
    pub license_key: Option<String>,
}

impl OperatorRequest for ShipOrder {
    const NAME: &'static str = "orders/ship";
    type Answer = ChangedOrderView;

    async fn answer(self, operator: &Operator) -> Result<ChangedOrderView, OperatorError> {
        let asked = Asked {
            order: &self.order,
            what: &self.shipment,
        };
        let id = change_id(self.id.as_deref(), "ship", &asked)?;
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        let parcel = self.shipment.parcel.clone().unwrap_or_else(|| id.clone());
        let known = order.progress.fulfillments.iter().find(|it| it.id == parcel);
        let before = known.map_or(("shipping", "shipped"), |known| (&known.kind, &known.status));
        let fulfillment = self.shipment.fulfillment(parcel, before, operator.now())?;
        let what = OrderChangeKind::Fulfilled(Box::new(fulfillment));
        let changed = operator.change_order(&order, &id, &self.actor, what).await?;
        Ok(changed.into())
    }
}

impl Shipment {
    /// The fulfillment as it is after this, with the kind and the status that it had before where the shipment says nothing of them.
    fn fulfillment(self, id: String, before: (&str, &str), now: Timestamp) -> Result<Fulfillment, OperatorError> {
        let kind = self.kind.unwrap_or_else(|| before.0.to_owned());
        let status = self.status.unwrap_or_else(|| before.1.to_owned());
        one_of("kind", &kind, &KINDS)?;
        one_of("status", &status, &STATES)?;
        if self
            .earliest
            .zip(self.latest)
            .is_some_and(|(earliest, latest)| earliest > latest)
        {
            return Err(OperatorError::invalid(
                "earliest: is after the latest time of arrival; swap the two",
            ));
        }
        let (url, license_key) = (
            optional_url("download", self.download.as_ref())?,
            optional_text("license_key", self.license_key.as_ref())?,
        );
        let digital = (url.is_some() || license_key.is_some()).then_some(DigitalDelivery {
            url,
            license_key,
            expires: None,
        });
        if digital.is_some() && kind != "digital" {
            return Err(OperatorError::invalid(format!(
                "download: a {kind} has none; say that the kind is digital"
            )));
        }
        Ok(Fulfillment {
            id: text("parcel", &id)?,
            kind,
            status,
            lines: self.lines,
            carrier: optional_text("carrier", self.carrier.as_ref())?,
            tracking_number: optional_text("tracking", self.tracking.as_ref())?,
            tracking_url: optional_url("tracking_url", self.tracking_url.as_ref())?,
            description: optional_text("description", self.description.as_ref())?,
            destination: None,
            earliest: self.earliest,
            latest: self.latest,
            digital,
            events: Vec::new(),
            at: now,
        })
    }
}

fn one_of(field: &str, given: &str, known: &[&str]) -> Result<(), OperatorError> {
    if known.contains(&given) {
        return Ok(());
    }
    Err(OperatorError::invalid(format!(
        "{field}: {given:?} is none of: {}",
        known.join(", ")
    )))
}
