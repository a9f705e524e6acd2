//! Items with a destination of their own (schema `FulfillmentGroup`).

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::acp::shape::fulfillment_details::request_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::selected_fulfillment_option::request_v2026_01_30::FulfillmentType;
use crate::fields::{Id, Lines};
use tillhouse_checkout::cart::{self, FulfillmentKind};
use tillhouse_checkout::contact::{self, Recipient};
use tillhouse_checkout::ids::{GroupId, LineId};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct FulfillmentGroup<Address> {
    id: Id,
    item_ids: Vec<Id>,
    destination_type: FulfillmentType,
    fulfillment_details: Option<FulfillmentDetails<Address>>,
    location_id: Option<Id>,
    instructions: Option<Lines>,
}

impl<Address: Into<contact::Address>> From<FulfillmentGroup<Address>> for cart::FulfillmentGroup {
    fn from(group: FulfillmentGroup<Address>) -> Self {
        let mut seen = BTreeSet::new();
        let lines = group.item_ids.into_iter().map(|id| LineId::new(id.0));
        let recipient = group.fulfillment_details.map(Recipient::from);
        Self {
            id: GroupId::new(group.id.0),
            kind: FulfillmentKind::from(group.destination_type).name().to_owned(),
            lines: lines.filter(|line| seen.insert(line.clone())).collect(),
            destination: recipient.as_ref().and_then(|recipient| recipient.address.clone()),
            recipient,
            location: group.location_id.map(|id| id.0),
            instructions: group.instructions.map(|instructions| instructions.0),
        }
    }
}

/// The groups, each for the domain.
pub(crate) fn groups<Address: Into<contact::Address>>(
    groups: Vec<FulfillmentGroup<Address>>,
) -> Vec<cart::FulfillmentGroup> {
    groups.into_iter().map(Into::into).collect()
}
