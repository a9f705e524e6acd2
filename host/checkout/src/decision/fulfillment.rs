//! Ways the goods reach the buyer, as a plugin says them.

use serde::{Deserialize, Serialize};

use crate::ids::{LineId, OptionId};
use crate::message::Message;
use crate::people::Address;
use crate::time::Timestamp;

/// Where the buyer picks the goods up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the shop or locker.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Its phone number.
    pub phone: Option<String>,
    /// What the buyer should know.
    pub instructions: Option<String>,
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
    /// Where to pick it up; pickups only.
    pub place: Option<Place>,
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
