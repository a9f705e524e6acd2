//! Request and response bodies of the hooks. Members that are not read are accepted, because Stripe may send more: `README.md` says which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fields::{Country, CurrencyCode, Email, Id, Quantity};

/// `data` of an order approval.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Approval {
    /// Not in Stripe's description, and seen in the field.
    pub(super) checkout_session: Option<Id>,
    pub(super) currency: CurrencyCode,
    pub(super) amount_subtotal: Option<i64>,
    pub(super) amount_total: Option<i64>,
    pub(super) email: Option<Email>,
    pub(super) phone: Option<String>,
    pub(super) billing_details: Option<Party>,
    pub(super) shipping_details: Option<Party>,
    /// As in Stripe's description.
    pub(super) line_items_details: Option<Vec<LineItem>>,
    /// As in the customization hook, and seen in the field.
    pub(super) line_item_details: Option<Vec<LineItem>>,
    pub(super) payment_method_details: Option<PaymentMethod>,
    pub(super) total_details: Option<TotalDetails>,
}

/// `data` of a checkout customization.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Customization {
    pub(super) checkout_session: Option<Id>,
    pub(super) currency: CurrencyCode,
    pub(super) automatic_tax: Option<AutomaticTax>,
    pub(super) line_items_details: Option<Vec<LineItem>>,
    pub(super) line_item_details: Option<Vec<LineItem>>,
    pub(super) shipping_details: Option<Party>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct AutomaticTax {
    pub(super) enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct LineItem {
    pub(super) id: Id,
    /// Stripe's description of the approval has none: the id is the SKU then.
    pub(super) sku_id: Option<Id>,
    pub(super) unit_amount: Option<i64>,
    pub(super) quantity: Quantity,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Party {
    pub(super) name: Option<String>,
    pub(super) address: Option<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Address {
    pub(super) line1: Option<String>,
    pub(super) line2: Option<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<Country>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct TotalDetails {
    pub(super) amount_discount: Option<i64>,
    pub(super) amount_shipping: Option<i64>,
    pub(super) amount_tax: Option<i64>,
}

/// How the buyer pays: told to the risk rules.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct PaymentMethod {
    pub(super) r#type: Option<String>,
    pub(super) card: Option<Card>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Card {
    pub(super) brand: Option<String>,
    pub(super) country: Option<String>,
    pub(super) funding: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) wallet: Option<Wallet>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wallet {
    pub(super) r#type: Option<String>,
}

/// The answer to an approval.
#[derive(Debug, Serialize)]
pub(super) struct ApprovalAnswer<'a> {
    pub(super) manual_approval_details: ManualApproval<'a>,
    /// Stripe adds it to the metadata of the checkout session, whose events bring it back.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) metadata: BTreeMap<&'a str, &'a str>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ManualApproval<'a> {
    Approved,
    Declined { declined: Declined<'a> },
}

#[derive(Debug, Serialize)]
pub(super) struct Declined<'a> {
    pub(super) reason: &'a str,
}

/// The answer to a customization.
#[derive(Debug, Default, Serialize)]
pub(super) struct CustomizationAnswer<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) line_items: Vec<LineTaxes<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) shipping_options: Vec<ShippingOption<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct LineTaxes<'a> {
    pub(super) id: &'a str,
    pub(super) tax_rates: Vec<TaxRate>,
}

#[derive(Debug, Serialize)]
pub(super) struct TaxRate {
    pub(super) rate_data: RateData,
}

#[derive(Debug, Serialize)]
pub(super) struct RateData {
    pub(super) display_name: String,
    pub(super) inclusive: bool,
    /// Out of 100, with at most four decimals.
    pub(super) percentage: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct ShippingOption<'a> {
    pub(super) shipping_rate_data: ShippingRate<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct ShippingRate<'a> {
    pub(super) display_name: &'a str,
    pub(super) fixed_amount: FixedAmount,
    pub(super) tax_behavior: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivery_estimate: Option<DeliveryEstimate>,
    pub(super) metadata: BTreeMap<&'static str, &'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct FixedAmount {
    pub(super) amount: i64,
    pub(super) currency: String,
}

#[derive(Debug, Serialize)]
pub(super) struct DeliveryEstimate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<Span>,
}

#[derive(Debug, Serialize)]
pub(super) struct Span {
    pub(super) unit: &'static str,
    pub(super) value: u64,
}
