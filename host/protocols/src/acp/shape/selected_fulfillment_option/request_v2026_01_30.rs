//! A chosen fulfillment option with its items (schema `SelectedFulfillmentOption`).

use serde::Deserialize;

use crate::acp::shape::selected_fulfillment_option::ChosenOption;
use crate::fields::Id;
use crate::json::BodyError;
use tillhouse_checkout::cart::{ExpectedKind, FulfillmentKind};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct SelectedFulfillmentOption {
    #[serde(rename = "type")]
    pub(crate) kind: FulfillmentType,
    pub(crate) option_id: Id,
    pub(crate) item_ids: Vec<Id>,
}

/// The kind of an option, and of a group of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FulfillmentType {
    Shipping,
    Digital,
    Pickup,
    LocalDelivery,
}

impl From<FulfillmentType> for FulfillmentKind {
    fn from(kind: FulfillmentType) -> Self {
        match kind {
            FulfillmentType::Shipping => Self::Shipping,
            FulfillmentType::Digital => Self::Digital,
            FulfillmentType::Pickup => Self::Pickup,
            FulfillmentType::LocalDelivery => Self::LocalDelivery,
        }
    }
}

impl TryFrom<SelectedFulfillmentOption> for ChosenOption {
    type Error = BodyError;

    fn try_from(selected: SelectedFulfillmentOption) -> Result<Self, BodyError> {
        let SelectedFulfillmentOption {
            kind,
            option_id,
            item_ids,
        } = selected;
        Ok(Self::new(ExpectedKind::Exactly(kind.into()), option_id, item_ids))
    }
}
