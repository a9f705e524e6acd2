//! Request and response bodies of the Stripe hooks, as in the guide. Unknown fields are accepted, because Stripe may send more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fields::{Code, Country, CurrencyCode, Email, Id, Metadata, Quantity, Token};

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct CreateRequest {
    pub(crate) currency: CurrencyCode,
    pub(crate) line_items: Vec<LineItemIn>,
    pub(crate) buyer: Option<BuyerIn>,
    pub(crate) fulfillment_details: Option<DetailsIn>,
    pub(crate) discounts: Option<Discounts>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) agent_details: Option<AgentDetails>,
}

/// Body of update. The guide's sample has only the option, but its text says that items and addresses may change too: any field
/// of create is accepted, and absent fields stay unchanged.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct UpdateRequest {
    /// Must be the currency of the checkout if it is sent.
    pub(crate) currency: Option<CurrencyCode>,
    pub(crate) line_items: Option<Vec<LineItemIn>>,
    pub(crate) buyer: Option<BuyerIn>,
    pub(crate) fulfillment_details: Option<DetailsIn>,
    pub(crate) fulfillment_option_id: Option<Id>,
    pub(crate) discounts: Option<Discounts>,
    pub(crate) metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct ConfirmRequest {
    pub(crate) payment_data: PaymentData,
    pub(crate) risk_details: Option<RiskDetails>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct LineItemIn {
    pub(crate) sku_id: Id,
    pub(crate) quantity: Quantity,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct BuyerIn {
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email: Option<Email>,
    pub(crate) phone_number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct DetailsIn {
    pub(crate) contact: Option<ContactIn>,
    pub(crate) address: Option<AddressIn>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct ContactIn {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<Email>,
    pub(crate) phone_number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct AddressIn {
    pub(crate) line_one: Option<String>,
    pub(crate) line_two: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) country: Option<Country>,
    pub(crate) postal_code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Discounts {
    pub(crate) codes: Option<Vec<Code>>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct AgentDetails {
    pub(crate) network_profile: Option<String>,
    pub(crate) display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct PaymentData {
    pub(crate) token: Token,
    pub(crate) provider: Provider,
    pub(crate) billing_address: Option<BillingAddress>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Provider {
    Stripe,
}

/// The billing address. Its field names differ from those of a fulfillment address: `line1`, not `line_one`.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct BillingAddress {
    pub(crate) line1: Option<String>,
    pub(crate) line2: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: Option<Country>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct RiskDetails {
    pub(crate) client_device_metadata_details: Option<Device>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Device {
    pub(crate) user_agent: Option<String>,
    pub(crate) ip_address: Option<String>,
}

/// The checkout: the response of create, update and retrieve.
#[derive(Debug, Serialize)]
pub(crate) struct Checkout<'a> {
    pub(crate) id: &'a str,
    pub(crate) currency: String,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer: Option<Buyer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillment_details: Option<Details<'a>>,
    pub(crate) line_items: Vec<LineItem<'a>>,
    pub(crate) fulfillment_options: Vec<FulfillmentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillment_option_id: Option<&'a str>,
    pub(crate) totals: Vec<Total<'a>>,
    pub(crate) messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order<'a>>,
    /// Where the buyer continues, if the status is `requires_escalation`. Stripe's guide names the status and no member for the
    /// place; the form is that of `next_action` of a payment (<https://docs.stripe.com/api/payment_intents/object>).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_action: Option<NextAction<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct NextAction<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) redirect_to_url: RedirectToUrl<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct RedirectToUrl<'a> {
    pub(crate) url: &'a str,
}

/// The response of confirm.
#[derive(Debug, Serialize)]
pub(crate) struct Confirmation<'a> {
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<&'a str, &'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Buyer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Contact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Address<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) line_one: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) line_two: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) postal_code: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: Item<'a>,
    pub(crate) quantity: u32,
    pub(crate) base_amount: i64,
    pub(crate) discount: i64,
    pub(crate) subtotal: i64,
    pub(crate) tax: i64,
    pub(crate) total: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Item<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    pub(crate) images: &'a [String],
    pub(crate) unit_amount: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct FulfillmentOption<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subtitle: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earliest_delivery_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latest_delivery_time: Option<String>,
    pub(crate) subtotal: i64,
    pub(crate) tax: i64,
    pub(crate) total: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) display_text: &'a str,
    pub(crate) amount: i64,
}

/// A message. The guide's samples have none, but its test tool expects validation messages.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) param: Option<String>,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    pub(crate) id: &'a str,
    pub(crate) permalink_url: &'a str,
}
