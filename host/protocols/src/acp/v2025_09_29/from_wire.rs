//! Conversion of ACP 2025-09-29 requests to the domain.

use super::wire;
use crate::acp::{Completion, Creation};
use crate::json::{BodyError, JsonValue, Nulls, read};
use crate::settings::AcpSettings;
use tillhouse_checkout::cart::{CartEdit, Choice, RequestedItem};
use tillhouse_checkout::contact::{Address, Buyer, Recipient, RecipientEdit};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{ItemId, OptionId, TokenId};
use tillhouse_checkout::session::Agent;

/// Parse a create request. This release has no currency field: the merchant's currency is used.
pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let request: wire::CreateRequest = read(body, Nulls::Refused)?;
    Ok(Creation {
        currency: None,
        edit: CartEdit {
            items: Some(requested_items(request.items)),
            buyer: request.buyer.map(buyer).into(),
            recipient: recipient(request.fulfillment_address, request.fulfillment_details)?.into(),
            ..CartEdit::default()
        },
        agent: Agent::default(),
    })
}

pub(crate) fn update(body: &JsonValue) -> Result<CartEdit, BodyError> {
    let request: wire::UpdateRequest = read(body, Nulls::Refused)?;
    Ok(CartEdit {
        items: request.items.map(requested_items),
        buyer: request.buyer.map(buyer).into(),
        recipient: recipient(request.fulfillment_address, request.fulfillment_details)?.into(),
        choices: request
            .fulfillment_option_id
            .map(|id| vec![Choice::of(OptionId::new(id.0))]),
        ..CartEdit::default()
    })
}

pub(crate) fn complete(body: &JsonValue, settings: &AcpSettings) -> Result<Completion, BodyError> {
    let request: wire::CompleteRequest = read(body, Nulls::Refused)?;
    let payment = request.payment_data;
    let token = match payment.provider {
        wire::Provider::Stripe => settings.token_of_provider(TokenId::new(payment.token.0)),
    };
    Ok(Completion {
        token,
        authentication: None,
        billing: payment.billing_address.map(address),
        edit: CartEdit {
            buyer: request.buyer.map(buyer).into(),
            ..CartEdit::default()
        },
        device: Device::default(),
        consents: Vec::new(),
    })
}

fn requested_items(items: Vec<wire::ItemIn>) -> Vec<RequestedItem> {
    let requested = |item: wire::ItemIn| RequestedItem {
        item: ItemId::new(item.id.0),
        quantity: item.quantity.0,
    };
    items.into_iter().map(requested).collect()
}

fn buyer(buyer: wire::BuyerIn) -> Buyer {
    Buyer {
        first_name: Some(buyer.first_name),
        last_name: Some(buyer.last_name),
        email: Some(buyer.email.0),
        phone: buyer.phone_number,
        ..Buyer::default()
    }
}

/// The recipient. The release has an address only, whose name and phone number are the recipient's. Agents of later releases send
/// `fulfillment_details` instead, with the same meaning as there.
fn recipient(
    given: Option<wire::AddressIn>,
    details: Option<wire::DetailsIn>,
) -> Result<Option<RecipientEdit>, BodyError> {
    let recipient = match (given, details) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let error = BodyError::invalid("says again where the goods go; send fulfillment_address alone");
            return Err(error.in_field("fulfillment_details"));
        }
        (Some(given), None) => {
            let phone = given.phone_number.clone();
            let address = address(given);
            Recipient {
                name: Some(address.name.clone()).filter(|name| !name.is_empty()),
                phone,
                address: Some(address),
                ..Recipient::default()
            }
        }
        (None, Some(details)) => {
            let beside_the_address = details.address.as_ref().and_then(|given| given.phone_number.clone());
            Recipient {
                name: details.name,
                phone: details.phone_number.or(beside_the_address),
                email: details.email.map(|email| email.0),
                address: details.address.map(address),
            }
        }
    };
    Ok(Some(RecipientEdit::Whole(recipient)))
}

fn address(address: wire::AddressIn) -> Address {
    Address {
        name: address.name,
        line_one: address.line_one,
        line_two: address.line_two.unwrap_or_default(),
        city: address.city,
        region: address.state,
        country: address.country.0,
        postal_code: address.postal_code,
        ..Address::default()
    }
}
