//! Responses of ACP 2026-04-17 (`schema.agentic_checkout.json`: `CheckoutSessionBase` and the types in it).

mod buyer;
mod discounts;
mod fulfillment;

use serde::Serialize;

use crate::settings::PaymentHandler;
pub(crate) use buyer::{Buyer, Company, Loyalty, TaxExemption};
pub(crate) use discounts::{Allocation, AppliedDiscount, Coupon, DiscountDetail, Discounts, RejectedDiscount};
pub(crate) use fulfillment::{FulfillmentOption, PickupLocation, SelectedFulfillmentOption, Window};

#[derive(Debug, Serialize)]
pub(crate) struct CheckoutSession<'a> {
    pub(crate) id: &'a str,
    pub(crate) protocol: Protocol,
    pub(crate) capabilities: Capabilities<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer: Option<Buyer<'a>>,
    pub(crate) status: &'static str,
    pub(crate) currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<&'a str>,
    pub(crate) line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillment_details: Option<FulfillmentDetails<'a>>,
    pub(crate) fulfillment_options: Vec<FulfillmentOption<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) selected_fulfillment_options: Vec<SelectedFulfillmentOption<'a>>,
    pub(crate) totals: Vec<Total<'a>>,
    pub(crate) messages: Vec<Message<'a>>,
    pub(crate) links: Vec<Link<'a>>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) continue_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discounts: Option<Discounts<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) marketing_consent_options: Vec<MarketingConsentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Protocol {
    pub(crate) version: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Capabilities<'a> {
    pub(crate) payment: Payment<'a>,
    pub(crate) interventions: Interventions,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) extensions: Vec<ExtensionDeclaration>,
}

/// An active extension, and the fields that it adds to the schemas.
#[derive(Debug, Serialize)]
pub(crate) struct ExtensionDeclaration {
    pub(crate) name: &'static str,
    pub(crate) extends: &'static [&'static str],
}

#[derive(Debug, Serialize)]
pub(crate) struct Payment<'a> {
    pub(crate) handlers: &'a [PaymentHandler],
}

#[derive(Debug, Serialize)]
pub(crate) struct Interventions {
    pub(crate) supported: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: Item<'a>,
    pub(crate) quantity: u32,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) images: &'a [String],
    pub(crate) unit_amount: i64,
    pub(crate) sku: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) availability_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) available_quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_quantity_per_order: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fulfillable_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_exempt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_exemption_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) discount_details: Vec<DiscountDetail<'a>>,
    pub(crate) totals: Vec<Total<'a>>,
}

/// An item, without a quantity: the schema does not allow it here.
#[derive(Debug, Serialize)]
pub(crate) struct Item<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) unit_amount: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) display_text: &'a str,
    pub(crate) amount: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) breakdown: Vec<TaxPart<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TaxPart<'a> {
    pub(crate) jurisdiction: &'a str,
    /// Rate as a fraction: `0.0875` for 8.75 %.
    pub(crate) rate: f64,
    pub(crate) amount: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct FulfillmentDetails<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address<'a>>,
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
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) company: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message<'a> {
    Info {
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
        severity: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        resolution: Option<&'static str>,
        content_type: &'static str,
        content: &'a str,
    },
    Warning {
        code: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
        severity: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        resolution: Option<&'static str>,
        content_type: &'static str,
        content: &'a str,
    },
    Error {
        code: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        param: Option<String>,
        severity: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        resolution: Option<&'static str>,
        content_type: &'static str,
        content: &'a str,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    pub(crate) r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'a str>,
    pub(crate) url: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct MarketingConsentOption<'a> {
    pub(crate) channel: &'a str,
    pub(crate) display_text: &'a str,
    pub(crate) privacy_policy_url: &'a str,
    pub(crate) is_subscribed: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) id: &'a str,
    pub(crate) checkout_session_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_number: Option<&'a str>,
    pub(crate) permalink_url: &'a str,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) support: Option<Support<'a>>,
}

/// How the buyer reaches the merchant, as schema `SupportInfo` says.
#[derive(Debug, Serialize)]
pub(crate) struct Support<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help_center_url: Option<&'a str>,
}
