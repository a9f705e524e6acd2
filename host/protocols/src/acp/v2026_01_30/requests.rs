//! Requests of ACP 2026-01-30.

use serde::Deserialize;

use crate::acp::shape::address::RequestAddress;
use crate::acp::shape::address::request_v2025_09_29::Address as OwnAddress;
use crate::acp::shape::affiliate_attribution::request_v2025_12_12::{AffiliateAttribution, Touchpoint};
use crate::acp::shape::authentication_result::request_v2025_12_12::AuthenticationResult;
use crate::acp::shape::buyer::request_v2026_01_30::Buyer;
use crate::acp::shape::capabilities::request_v2026_01_30::Capabilities;
use crate::acp::shape::discounts::request_v2026_01_30::{Discounts, codes};
use crate::acp::shape::fulfillment_details::request_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::fulfillment_group::request_v2026_01_30::{FulfillmentGroup, groups};
use crate::acp::shape::item::request_v2026_01_30::{Item, order, replace};
use crate::acp::shape::payment_data::request_v2026_01_30::PaymentData;
use crate::acp::shape::risk_signals::request_v2026_01_30::RiskSignals;
use crate::acp::shape::selected_fulfillment_option::choose;
use crate::acp::shape::selected_fulfillment_option::request_v2026_01_30::SelectedFulfillmentOption;
use crate::acp::{Completion, Creation};
use crate::fields::{Code, CurrencyCode, Id, Metadata, Nullable, not_null};
use crate::json::{BodyError, JsonValue, Nulls, read};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::RecipientEdit;

/// Body of create (schema `CheckoutSessionCreateRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreateRequest<Address> {
    line_items: Vec<Item>,
    currency: CurrencyCode,
    capabilities: Capabilities,
    buyer: Option<Buyer>,
    fulfillment_details: Option<FulfillmentDetails<Address>>,
    fulfillment_groups: Option<Vec<FulfillmentGroup<Address>>>,
    affiliate_attribution: Option<AffiliateAttribution>,
    #[serde(default)]
    coupons: Nullable<Vec<Code>>,
    #[serde(default)]
    discounts: Nullable<Discounts>,
    locale: Option<Id>,
    timezone: Option<Id>,
    quote_id: Option<Id>,
    metadata: Option<Metadata>,
}

/// Body of update (schema `CheckoutSessionUpdateRequest`).
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object",
    bound(deserialize = "Address: Deserialize<'de>")
)]
struct UpdateRequest<Address> {
    #[serde(default)]
    buyer: Nullable<Buyer>,
    #[serde(default)]
    line_items: Nullable<Vec<Item>>,
    #[serde(default)]
    fulfillment_details: Nullable<FulfillmentDetails<Address>>,
    #[serde(default)]
    fulfillment_groups: Nullable<Vec<FulfillmentGroup<Address>>>,
    #[serde(default)]
    selected_fulfillment_options: Nullable<Vec<SelectedFulfillmentOption>>,
    #[serde(default)]
    coupons: Nullable<Vec<Code>>,
    #[serde(default)]
    discounts: Nullable<Discounts>,
}

/// Body of complete (schema `CheckoutSessionCompleteRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CompleteRequest<Address> {
    #[serde(default)]
    buyer: Nullable<Buyer>,
    payment_data: PaymentData<Address>,
    #[serde(default, deserialize_with = "not_null")]
    authentication_result: Option<AuthenticationResult>,
    affiliate_attribution: Option<AffiliateAttribution>,
    risk_signals: Option<RiskSignals>,
}

/// The schema has no `null`.
const NULLS: Nulls = Nulls::Refused;

pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    create_with::<OwnAddress>(body, NULLS)
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    update_with::<OwnAddress>(body, NULLS)
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    complete_with::<OwnAddress>(body, settings, NULLS)
}

/// Parse a create request with this shape of addresses.
pub(crate) fn create_with<Address: RequestAddress>(body: &JsonValue, nulls: Nulls) -> Result<Creation, BodyError> {
    let request: CreateRequest<Address> = read(body, nulls)?;
    let attribution = request.affiliate_attribution;
    let edit = CartEdit {
        codes: codes(request.discounts, request.coupons),
        buyer: request.buyer.map(Into::into).into(),
        recipient: request.fulfillment_details.map(RecipientEdit::from).into(),
        groups: request.fulfillment_groups.map(groups),
        locale: request.locale.map(|locale| locale.0),
        time_zone: request.timezone.map(|zone| zone.0),
        quote_id: request.quote_id.map(|id| id.0),
        metadata: request.metadata.map(|metadata| metadata.0),
        ..CartEdit::default()
    };
    Ok(Creation {
        currency: Some(request.currency.0),
        edit: order(request.line_items, edit),
        agent: request.capabilities.into(),
        attribution: attribution.map(|given| given.at(Touchpoint::First)).transpose()?,
        ..Creation::default()
    })
}

/// Parse an update request with this shape of addresses.
pub(crate) fn update_with<Address: RequestAddress>(body: &JsonValue, nulls: Nulls) -> Result<CartEdit, BodyError> {
    let request: UpdateRequest<Address> = read(body, nulls)?;
    let edit = CartEdit {
        codes: codes(request.discounts, request.coupons),
        buyer: request.buyer.into_change().map(Into::into),
        recipient: request.fulfillment_details.into_change().map(RecipientEdit::from),
        groups: request.fulfillment_groups.into_list().map(groups),
        ..CartEdit::default()
    };
    let edit = replace(request.line_items, edit)?;
    choose(request.selected_fulfillment_options.into_list(), edit)
}

/// Parse a complete request with this shape of addresses.
pub(crate) fn complete_with<Address: RequestAddress>(
    body: &JsonValue,
    settings: &AcpSettings,
    nulls: Nulls,
) -> Result<Completion, BodyError> {
    let request: CompleteRequest<Address> = read(body, nulls)?;
    let payment = request.payment_data.payment(settings)?;
    let authentication = request.authentication_result.map(TryInto::try_into).transpose();
    let attribution = request.affiliate_attribution;
    Ok(Completion {
        authentication: authentication.map_err(|error: BodyError| error.in_field("authentication_result"))?,
        billing: payment.billing,
        edit: CartEdit {
            buyer: request.buyer.into_change().map(Into::into),
            purchase_order: payment.purchase_order,
            ..CartEdit::default()
        },
        device: request.risk_signals.map(Into::into).unwrap_or_default(),
        attribution: attribution.map(|given| given.at(Touchpoint::Last)).transpose()?,
        ..Completion::with(payment.token)
    })
}
