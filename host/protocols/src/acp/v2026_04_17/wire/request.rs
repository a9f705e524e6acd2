//! Requests of ACP 2026-04-17 (`schema.agentic_checkout.json`: `CheckoutSession…Request`).
//!
//! Every object refuses fields that the schema does not define, unless the schema allows additional fields. Fields that the host
//! does not use are validated and discarded.
//!
//! `null` in place of an optional field takes away what an earlier request sent (ACP RFC agentic checkout §6.2); where nothing can
//! have been sent before, it is as good as no field.

mod affiliate;
mod buyer;
mod capabilities;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::authentication::AuthenticationResult;
use crate::fields::{
    Code, Country, CurrencyCode, Email, FlatMetadata, Id, Lines, Metadata, Nullable, Quantity, Token, not_null,
};
pub(crate) use affiliate::AffiliateAttribution;
pub(crate) use buyer::{Buyer, Company, Loyalty, TaxExemption};
pub(crate) use capabilities::Capabilities;
use tillhouse_checkout::cart::FulfillmentKind;

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
    #[serde(default)]
    pub(crate) coupons: Nullable<Vec<Code>>,
    #[serde(default)]
    pub(crate) discounts: Nullable<Discounts>,
    pub(crate) locale: Option<Id>,
    pub(crate) timezone: Option<Id>,
    pub(crate) quote_id: Option<Id>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) order_notes: Option<Lines>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct UpdateRequest {
    #[serde(default)]
    pub(crate) buyer: Nullable<Buyer>,
    #[serde(default)]
    pub(crate) line_items: Nullable<Vec<Item>>,
    #[serde(default)]
    pub(crate) fulfillment_details: Nullable<FulfillmentDetails>,
    pub(crate) fulfillment_groups: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    pub(crate) selected_fulfillment_options: Nullable<Vec<SelectedFulfillmentOption>>,
    #[serde(default)]
    pub(crate) coupons: Nullable<Vec<Code>>,
    #[serde(default)]
    pub(crate) discounts: Nullable<Discounts>,
    #[serde(default)]
    pub(crate) order_notes: Nullable<Lines>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct CompleteRequest {
    #[serde(default)]
    pub(crate) buyer: Nullable<Buyer>,
    pub(crate) payment_data: PaymentData,
    #[serde(default, deserialize_with = "not_null")]
    pub(crate) authentication_result: Option<AuthenticationResult>,
    pub(crate) affiliate_attribution: Option<AffiliateAttribution>,
    pub(crate) risk_signals: Option<RiskSignals>,
    pub(crate) marketing_consents: Option<Vec<MarketingConsent>>,
    #[serde(default)]
    pub(crate) order_notes: Nullable<Lines>,
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
    pub(crate) trace_summary: Option<Lines>,
    #[serde(rename = "metadata")]
    pub(crate) _metadata: Option<FlatMetadata>,
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
    #[serde(default, deserialize_with = "not_null")]
    pub(crate) quantity: Option<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Discounts {
    #[serde(default)]
    pub(crate) codes: Nullable<Vec<Code>>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct SelectedFulfillmentOption {
    #[serde(rename = "type")]
    pub(crate) kind: FulfillmentType,
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
