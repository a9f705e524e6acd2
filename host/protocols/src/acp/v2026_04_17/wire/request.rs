//! Requests of ACP 2026-04-17 (`schema.agentic_checkout.json`: `CheckoutSession…Request`).
//!
//! Every object refuses fields that the schema does not define, unless the schema allows additional fields. Fields that the host
//! does not use are validated and discarded.

mod buyer;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::authentication::AuthenticationResult;
use crate::fields::{Code, Country, CurrencyCode, Email, Id, Metadata, Quantity, Token};
pub(crate) use buyer::{Buyer, Company, Loyalty, TaxExemption};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct CreateRequest {
    pub(crate) line_items: Vec<Item>,
    pub(crate) currency: CurrencyCode,
    pub(crate) capabilities: Capabilities,
    pub(crate) buyer: Option<Buyer>,
    pub(crate) fulfillment_details: Option<FulfillmentDetails>,
    pub(crate) fulfillment_groups: Option<Vec<IgnoredAny>>,
    pub(crate) affiliate_attribution: Option<AffiliateAttribution>,
    pub(crate) coupons: Option<Vec<Code>>,
    pub(crate) discounts: Option<Discounts>,
    pub(crate) locale: Option<Id>,
    pub(crate) timezone: Option<Id>,
    pub(crate) quote_id: Option<Id>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) order_notes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct UpdateRequest {
    pub(crate) buyer: Option<Buyer>,
    pub(crate) line_items: Option<Vec<Item>>,
    pub(crate) fulfillment_details: Option<FulfillmentDetails>,
    pub(crate) fulfillment_groups: Option<Vec<IgnoredAny>>,
    pub(crate) selected_fulfillment_options: Option<Vec<SelectedFulfillmentOption>>,
    pub(crate) coupons: Option<Vec<Code>>,
    pub(crate) discounts: Option<Discounts>,
    pub(crate) order_notes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct CompleteRequest {
    pub(crate) buyer: Option<Buyer>,
    pub(crate) payment_data: PaymentData,
    pub(crate) authentication_result: Option<AuthenticationResult>,
    pub(crate) affiliate_attribution: Option<AffiliateAttribution>,
    pub(crate) risk_signals: Option<RiskSignals>,
    pub(crate) marketing_consents: Option<Vec<MarketingConsent>>,
    pub(crate) order_notes: Option<String>,
}

/// Body of cancel. The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct CancelRequest {
    pub(crate) intent_trace: Option<IntentTrace>,
}

/// Schema `IntentTrace`. Unknown values of `reason_code` are accepted and count as `other`.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct IntentTrace {
    #[serde(rename = "reason_code")]
    pub(crate) _reason_code: String,
    pub(crate) trace_summary: Option<String>,
    #[serde(rename = "metadata")]
    pub(crate) _metadata: Option<Metadata>,
}

/// An item. `quantity` is accepted although the schema lacks it: the examples of the specification send it, and an order needs
/// it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Item {
    pub(crate) id: Id,
    #[serde(rename = "name")]
    pub(crate) _name: Option<String>,
    #[serde(rename = "unit_amount")]
    pub(crate) _unit_amount: Option<i64>,
    pub(crate) quantity: Option<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Capabilities {
    #[serde(rename = "payment")]
    pub(crate) _payment: Option<IgnoredAny>,
    pub(crate) interventions: Option<Interventions>,
    #[serde(rename = "extensions")]
    pub(crate) _extensions: Option<Vec<IgnoredAny>>,
}

/// Interventions that the agent supports. Unknown fields are ignored (ACP RFC capability negotiation).
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Interventions {
    #[serde(default)]
    pub(crate) supported: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Discounts {
    pub(crate) codes: Option<Vec<Code>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct FulfillmentDetails {
    pub(crate) name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) email: Option<Email>,
    pub(crate) address: Option<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) line_one: String,
    pub(crate) line_two: Option<String>,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: Country,
    pub(crate) postal_code: String,
    pub(crate) company: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FulfillmentType {
    Shipping,
    Digital,
    Pickup,
    LocalDelivery,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct SelectedFulfillmentOption {
    #[serde(rename = "type")]
    pub(crate) _kind: FulfillmentType,
    pub(crate) option_id: Id,
    pub(crate) item_ids: Vec<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct PaymentData {
    pub(crate) handler_id: Option<String>,
    pub(crate) instrument: Option<Instrument>,
    pub(crate) billing_address: Option<Address>,
    pub(crate) purchase_order_number: Option<String>,
    pub(crate) payment_terms: Option<String>,
    #[serde(rename = "due_date")]
    pub(crate) _due_date: Option<String>,
    #[serde(rename = "approval_required")]
    pub(crate) _approval_required: Option<bool>,
}

/// The payment instrument. The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Instrument {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) credential: Credential,
}

/// The credential with the token. The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Credential {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) token: Token,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct RiskSignals {
    pub(crate) ip_address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) accept_language: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) device_fingerprint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct MarketingConsent {
    pub(crate) channel: Id,
    pub(crate) opted_in: bool,
}

/// Write-only: validated, and never returned (ACP RFC affiliate attribution §8). The schema allows additional fields.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct AffiliateAttribution {
    #[serde(rename = "provider")]
    pub(crate) _provider: String,
    pub(crate) token: Option<String>,
    pub(crate) publisher_id: Option<String>,
    #[serde(rename = "metadata")]
    pub(crate) _metadata: Option<Metadata>,
    #[serde(rename = "touchpoint")]
    pub(crate) _touchpoint: Option<Touchpoint>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Touchpoint {
    First,
    Last,
}
