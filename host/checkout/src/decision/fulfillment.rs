//! Fulfillment options as a plugin offers them: shipping, pickup, download, local delivery.

use serde::{Deserialize, Serialize};

use crate::cart::Choice;
use crate::contact::Address;
use crate::ids::{GroupId, LineId, OptionId};
use crate::message::Message;
use crate::time::Timestamp;

/// Place where the buyer picks the goods up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickupPlace {
    /// The merchant's id of the place, if it has one.
    pub id: Option<String>,
    /// Name of the shop or locker, never blank.
    pub name: String,
    /// Postal address of the place; street, city and country are never blank.
    pub address: Address,
    /// Phone number of the place, as the plugin wrote it.
    pub phone: Option<String>,
    /// Instructions for the buyer: opening hours, where to ring.
    pub instructions: Option<String>,
}

/// One fulfillment option, as the plugin offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedOption {
    /// Id chosen by the plugin, unique within the offer and stable from one offer to the next.
    pub id: OptionId,
    /// `shipping`, `digital`, `pickup` or `local_delivery`.
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
    /// Price before discounts in minor units, unchecked.
    pub price: i64,
    /// Whether the price includes tax.
    pub tax_included: bool,
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

/// Answer of `fulfillment.options`, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentOffer {
    /// Options on offer, best first; empty if nothing can be delivered.
    pub options: Vec<OfferedOption>,
    /// Options that apply to lines for which the buyer has chosen none; each is one of `options`, and they share no line.
    pub preselected: Vec<Choice>,
    /// Messages for the buyer, e.g. why an address cannot be served.
    pub messages: Vec<Message>,
}
