//! Response bodies of ACP 2025-09-29, exactly as in the official schema.

pub(crate) mod order;

use serde::Serialize;

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
