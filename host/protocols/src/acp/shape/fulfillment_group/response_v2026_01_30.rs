//! Items with a destination of their own (schema `FulfillmentGroup`), as the agent sent them.

use serde::Serialize;

use crate::acp::shape::fulfillment_details::response_v2025_12_12::FulfillmentDetails;
use tillhouse_checkout::cart;
use tillhouse_checkout::contact;

#[derive(Debug, Serialize)]
pub(crate) struct FulfillmentGroup<'a, Address> {
    id: &'a str,
    /// Ids of items, which those of lines are equal to.
    item_ids: Vec<&'a str>,
    destination_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment_details: Option<FulfillmentDetails<'a, Address>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
}

impl<'a, Address: From<&'a contact::Address>> From<&'a cart::FulfillmentGroup> for FulfillmentGroup<'a, Address> {
    fn from(group: &'a cart::FulfillmentGroup) -> Self {
        Self {
            id: group.id.as_str(),
            item_ids: group.lines.iter().map(|line| line.as_str()).collect(),
            destination_type: &group.kind,
            fulfillment_details: group.recipient.as_ref().map(Into::into),
            location_id: group.location.as_deref(),
            instructions: group.instructions.as_deref(),
        }
    }
}
