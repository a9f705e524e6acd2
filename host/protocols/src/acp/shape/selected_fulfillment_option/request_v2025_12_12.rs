//! A chosen fulfillment option with its items (schema `SelectedFulfillmentOption`): under the name of its type.

use serde::Deserialize;

use crate::acp::shape::selected_fulfillment_option::ChosenOption;
use crate::fields::Id;
use crate::json::BodyError;
use tillhouse_checkout::cart::{ExpectedKind, FulfillmentKind};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct SelectedFulfillmentOption {
    #[serde(rename = "type")]
    kind: FulfillmentType,
    shipping: Option<OptionOfItems>,
    digital: Option<OptionOfItems>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FulfillmentType {
    Shipping,
    Digital,
}

/// Schemas `SelectedShippingFulfillmentOption` and `SelectedDigitalFulfillmentOption`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct OptionOfItems {
    option_id: Id,
    item_ids: Vec<Id>,
}

impl TryFrom<SelectedFulfillmentOption> for ChosenOption {
    type Error = BodyError;

    fn try_from(selected: SelectedFulfillmentOption) -> Result<Self, BodyError> {
        let SelectedFulfillmentOption {
            kind,
            shipping,
            digital,
        } = selected;
        let (kind, name, chosen, other, other_name) = match kind {
            FulfillmentType::Shipping => (ExpectedKind::NotDigital, "shipping", shipping, digital, "digital"),
            FulfillmentType::Digital => {
                let kind = ExpectedKind::Exactly(FulfillmentKind::Digital);
                (kind, "digital", digital, shipping, "shipping")
            }
        };
        if other.is_some() {
            return Err(BodyError::invalid(format!("does not go with the type {name}")).in_field(other_name));
        }
        let chosen = chosen.ok_or_else(|| BodyError::missing(name))?;
        Ok(Self::new(kind, chosen.option_id, chosen.item_ids))
    }
}
