//! Fulfillment options (schemas `FulfillmentOption…` and `SelectedFulfillmentOption`).

use serde::Serialize;

use super::{Address, Total};

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FulfillmentOption<'a> {
    Shipping {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        carrier: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        earliest_delivery_time: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        latest_delivery_time: Option<String>,
        totals: Vec<Total<'a>>,
    },
    Digital {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        totals: Vec<Total<'a>>,
    },
    Pickup {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        location: PickupLocation<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup_type: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ready_by: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pickup_by: Option<String>,
        totals: Vec<Total<'a>>,
    },
    LocalDelivery {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery_window: Option<Window>,
        totals: Vec<Total<'a>>,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct PickupLocation<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: Address<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Window {
    pub(crate) start: String,
    pub(crate) end: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct SelectedFulfillmentOption<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) option_id: &'a str,
    pub(crate) item_ids: Vec<&'a str>,
}
