//! Request and response bodies of ACP 2025-09-29, exactly as in the official schema.

pub(crate) mod order;

use serde::{Deserialize, Serialize};

use crate::fields::{Country, Email, Id, Quantity, Token};

/// Body of create: schema `CheckoutSessionCreateRequest`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct CreateRequest {
    pub(crate) items: Vec<ItemIn>,
    pub(crate) buyer: Option<BuyerIn>,
    pub(crate) fulfillment_address: Option<AddressIn>,
    pub(crate) fulfillment_details: Option<DetailsIn>,
}

/// Body of update: schema `CheckoutSessionUpdateRequest`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct UpdateRequest {
    pub(crate) buyer: Option<BuyerIn>,
    pub(crate) items: Option<Vec<ItemIn>>,
    pub(crate) fulfillment_address: Option<AddressIn>,
    pub(crate) fulfillment_details: Option<DetailsIn>,
    pub(crate) fulfillment_option_id: Option<Id>,
}

/// Body of complete: schema `CheckoutSessionCompleteRequest`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct CompleteRequest {
    pub(crate) buyer: Option<BuyerIn>,
    pub(crate) payment_data: PaymentData,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData {
    pub(crate) token: Token,
    pub(crate) provider: Provider,
    pub(crate) billing_address: Option<AddressIn>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Provider {
    Stripe,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct ItemIn {
    pub(crate) id: Id,
    pub(crate) quantity: Quantity,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct BuyerIn {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: Email,
    pub(crate) phone_number: Option<String>,
}

/// An address. `phone_number` is not in the schema, and agents send it: of a delivery address it is that of the recipient, of a
/// billing address it is not used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct AddressIn {
    pub(crate) name: String,
    pub(crate) line_one: String,
    pub(crate) line_two: Option<String>,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: Country,
    pub(crate) postal_code: String,
    pub(crate) phone_number: Option<String>,
}

/// `fulfillment_details` of the releases from 2025-12-12. It is not in this schema, and agents send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct DetailsIn {
    pub(crate) name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) email: Option<Email>,
    pub(crate) address: Option<AddressIn>,
}

/// Schema `CheckoutSession`, or `CheckoutSessionWithOrder` if there is an order.
#[derive(Debug, Serialize)]
pub(crate) struct CheckoutSession<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer: Option<Buyer<'a>>,
    pub(crate) payment_provider: PaymentProvider,
    pub(crate) status: &'static str,
    pub(crate) currency: String,
    pub(crate) line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillment_address: Option<Address<'a>>,
    pub(crate) fulfillment_options: Vec<FulfillmentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillment_option_id: Option<&'a str>,
    pub(crate) totals: Vec<Total<'a>>,
    pub(crate) messages: Vec<Message<'a>>,
    pub(crate) links: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct PaymentProvider {
    pub(crate) provider: &'static str,
    pub(crate) supported_payment_methods: [&'static str; 1],
}

#[derive(Debug, Serialize)]
pub(crate) struct Buyer<'a> {
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Address<'a> {
    pub(crate) name: &'a str,
    pub(crate) line_one: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) line_two: &'a str,
    pub(crate) city: &'a str,
    pub(crate) state: &'a str,
    pub(crate) country: &'a str,
    pub(crate) postal_code: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: Item<'a>,
    pub(crate) base_amount: i64,
    pub(crate) discount: i64,
    pub(crate) subtotal: i64,
    pub(crate) tax: i64,
    pub(crate) total: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Item<'a> {
    pub(crate) id: &'a str,
    pub(crate) quantity: u32,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FulfillmentOption<'a> {
    Shipping {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        subtitle: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        carrier: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        earliest_delivery_time: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        latest_delivery_time: Option<String>,
        subtotal: i64,
        tax: i64,
        total: i64,
    },
    Digital {
        id: &'a str,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        subtitle: Option<&'a str>,
        subtotal: i64,
        tax: i64,
        total: i64,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) display_text: &'a str,
    pub(crate) amount: i64,
}

/// A message. This release has no warnings; they are shown as infos.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message<'a> {
    Info {
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
        content_type: &'static str,
        content: &'a str,
    },
    Error {
        code: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
        content_type: &'static str,
        content: &'a str,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) url: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    pub(crate) id: &'a str,
    pub(crate) checkout_session_id: &'a str,
    pub(crate) permalink_url: &'a str,
}
