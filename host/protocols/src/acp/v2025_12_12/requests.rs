//! Requests of ACP 2025-12-12.

use serde::Deserialize;

use crate::acp::shape::address::request_v2025_09_29::Address;
use crate::acp::shape::affiliate_attribution::request_v2025_12_12::{AffiliateAttribution, Touchpoint};
use crate::acp::shape::authentication_result::request_v2025_12_12::AuthenticationResult;
use crate::acp::shape::buyer::request_v2025_09_29::Buyer;
use crate::acp::shape::fulfillment_details::request_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::intent_trace::request_v2025_12_12::trace;
use crate::acp::shape::item::request_v2025_09_29::Item;
use crate::acp::shape::payment_data::request_v2025_09_29::PaymentData;
use crate::acp::shape::selected_fulfillment_option::choose;
use crate::acp::shape::selected_fulfillment_option::request_v2025_12_12::SelectedFulfillmentOption;
use crate::acp::{Completion, Creation};
use crate::json::{BodyError, JsonValue, Nulls, read};
use crate::settings::AcpSettings;
use tillhouse_checkout::authentication;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::contact::RecipientEdit;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::session::Agent;

/// Body of create (schema `CheckoutSessionCreateRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreateRequest {
    buyer: Option<Buyer>,
    items: Vec<Item>,
    fulfillment_details: Option<FulfillmentDetails<Address>>,
    affiliate_attribution: Option<AffiliateAttribution>,
}

/// Body of update (schema `CheckoutSessionUpdateRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct UpdateRequest {
    buyer: Option<Buyer>,
    items: Option<Vec<Item>>,
    fulfillment_details: Option<FulfillmentDetails<Address>>,
    selected_fulfillment_options: Option<Vec<SelectedFulfillmentOption>>,
}

/// Body of complete (schema `CheckoutSessionCompleteRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CompleteRequest<AuthenticationResult> {
    buyer: Option<Buyer>,
    payment_data: PaymentData<Address>,
    authentication_result: Option<AuthenticationResult>,
    affiliate_attribution: Option<AffiliateAttribution>,
}

/// Parse a create request. This release has no currency field: the merchant's currency is used.
pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let request: CreateRequest = read(body, Nulls::Refused)?;
    let attribution = request.affiliate_attribution;
    Ok(Creation {
        edit: CartEdit {
            items: Some(request.items.into_iter().map(Into::into).collect()),
            buyer: request.buyer.map(Into::into).into(),
            recipient: request.fulfillment_details.map(RecipientEdit::from).into(),
            ..CartEdit::default()
        },
        agent: Agent {
            // The release has no capabilities: every agent must be able to have its buyer authenticate (RFC agentic checkout §4.4).
            interventions: vec!["3ds".to_owned()],
            ..Agent::default()
        },
        attribution: attribution.map(|given| given.at(Touchpoint::First)).transpose()?,
        ..Creation::default()
    })
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: UpdateRequest = read(body, Nulls::Refused)?;
    let edit = CartEdit {
        items: request.items.map(|items| items.into_iter().map(Into::into).collect()),
        buyer: request.buyer.map(Into::into).into(),
        recipient: request.fulfillment_details.map(RecipientEdit::from).into(),
        ..CartEdit::default()
    };
    choose(request.selected_fulfillment_options, edit)
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    complete_with::<AuthenticationResult>(body, settings)
}

/// Parse a complete request with this shape of `authentication_result`.
pub(crate) fn complete_with<Result3ds>(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError>
where
    Result3ds: for<'de> Deserialize<'de> + TryInto<authentication::AuthenticationResult, Error = BodyError>,
{
    let request: CompleteRequest<Result3ds> = read(body, Nulls::Refused)?;
    let (token, billing) = request.payment_data.into_parts(settings)?;
    let attribution = request.affiliate_attribution;
    let authentication = request.authentication_result.map(TryInto::try_into).transpose();
    Ok(Completion {
        authentication: authentication.map_err(|error: BodyError| error.in_field("authentication_result"))?,
        billing,
        edit: CartEdit {
            buyer: request.buyer.map(Into::into).into(),
            ..CartEdit::default()
        },
        attribution: attribution.map(|given| given.at(Touchpoint::Last)).transpose()?,
        ..Completion::with(token)
    })
}

pub(crate) fn cancel(body: Option<&JsonValue>) -> Result<Option<IntentTrace>, BodyError> {
    body.map_or(Ok(None), |body| trace(body, Nulls::Refused))
}
