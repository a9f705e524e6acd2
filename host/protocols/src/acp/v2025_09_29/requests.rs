//! Requests of ACP 2025-09-29.

use serde::Deserialize;

use crate::acp::shape::address::request_v2025_09_29::{Address, AddressWithPhone};
use crate::acp::shape::buyer::request_v2025_09_29::Buyer;
use crate::acp::shape::fulfillment_details::request_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::item::request_v2025_09_29::Item;
use crate::acp::shape::payment_data::request_v2025_09_29::PaymentData;
use crate::acp::{Completion, Creation};
use crate::fields::Id;
use crate::json::{BodyError, JsonValue, Nulls, read};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::{CartEdit, Choice};
use tillhouse_checkout::contact::{self, Recipient, RecipientEdit};
use tillhouse_checkout::ids::OptionId;

/// Body of create (schema `CheckoutSessionCreateRequest`). `fulfillment_details` of the later releases is not in the schema, and agents
/// send it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreateRequest {
    items: Vec<Item>,
    buyer: Option<Buyer>,
    fulfillment_address: Option<AddressWithPhone>,
    fulfillment_details: Option<FulfillmentDetails<AddressWithPhone>>,
}

/// Body of update (schema `CheckoutSessionUpdateRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct UpdateRequest {
    buyer: Option<Buyer>,
    items: Option<Vec<Item>>,
    fulfillment_address: Option<AddressWithPhone>,
    fulfillment_details: Option<FulfillmentDetails<AddressWithPhone>>,
    fulfillment_option_id: Option<Id>,
}

/// Body of complete (schema `CheckoutSessionCompleteRequest`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CompleteRequest {
    buyer: Option<Buyer>,
    payment_data: PaymentData<Address>,
}

/// Parse a create request. This release has no currency field: the merchant's currency is used.
pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let request: CreateRequest = read(body, Nulls::Refused)?;
    Ok(Creation {
        edit: CartEdit {
            items: Some(request.items.into_iter().map(Into::into).collect()),
            buyer: request.buyer.map(Into::into).into(),
            recipient: recipient(request.fulfillment_address, request.fulfillment_details)?.into(),
            ..CartEdit::default()
        },
        ..Creation::default()
    })
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: UpdateRequest = read(body, Nulls::Refused)?;
    let items = request.items.map(|items| items.into_iter().map(Into::into).collect());
    let option = request.fulfillment_option_id.map(|id| OptionId::new(id.0));
    Ok(CartEdit {
        items,
        buyer: request.buyer.map(Into::into).into(),
        recipient: recipient(request.fulfillment_address, request.fulfillment_details)?.into(),
        choices: option.map(|option| vec![Choice::of(option)]),
        ..CartEdit::default()
    })
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    let request: CompleteRequest = read(body, Nulls::Refused)?;
    let (token, billing) = request.payment_data.into_parts(settings)?;
    Ok(Completion {
        billing,
        edit: CartEdit {
            buyer: request.buyer.map(Into::into).into(),
            ..CartEdit::default()
        },
        ..Completion::with(token)
    })
}

/// The recipient. The release has an address only, whose name and phone number are the recipient's. Agents of later releases send
/// `fulfillment_details` instead, with the same meaning as there.
fn recipient(
    given: Option<AddressWithPhone>,
    details: Option<FulfillmentDetails<AddressWithPhone>>,
) -> Result<Option<RecipientEdit>, BodyError> {
    let recipient = match (given, details) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let error = BodyError::invalid("says again where the goods go; send fulfillment_address alone");
            return Err(error.in_field("fulfillment_details"));
        }
        (Some(given), None) => {
            let phone = given.phone_number.clone();
            let address = contact::Address::from(given);
            Recipient {
                name: Some(address.name.clone()).filter(|name| !name.is_empty()),
                phone,
                address: Some(address),
                ..Recipient::default()
            }
        }
        (None, Some(details)) => {
            let beside_the_address = details.address.as_ref().and_then(|given| given.phone_number.clone());
            let recipient = Recipient::from(details);
            Recipient {
                phone: recipient.phone.or(beside_the_address),
                ..recipient
            }
        }
    };
    Ok(Some(RecipientEdit::Whole(recipient)))
}
