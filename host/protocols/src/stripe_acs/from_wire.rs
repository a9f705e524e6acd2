//! Conversion of Stripe's requests to the domain.

use super::wire;
use crate::json::{BodyError, JsonValue, Nulls, read};
use tillhouse_checkout::cart::{CartEdit, Choice, RequestedItem};
use tillhouse_checkout::contact::{Address, Buyer, Contact, RecipientEdit};
use tillhouse_checkout::device::Device;
use tillhouse_checkout::ids::{ItemId, OptionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::Agent;

/// A parsed create request.
#[derive(Debug)]
pub(crate) struct Creation {
    pub(crate) currency: Currency,
    pub(crate) edit: CartEdit,
    pub(crate) agent: Agent,
}

/// A parsed confirm request.
#[derive(Debug)]
pub(crate) struct Confirmation {
    pub(crate) token: PaymentToken,
    pub(crate) billing: Option<Address>,
    pub(crate) device: Device,
}

pub(crate) fn create(body: &JsonValue) -> Result<Creation, BodyError> {
    let request: wire::CreateRequest = read(body, Nulls::Accepted)?;
    let agent = request.agent_details.map(|details| Agent {
        network_profile: details.network_profile,
        display_name: details.display_name,
        ..Agent::default()
    });
    Ok(Creation {
        currency: request.currency.0,
        edit: CartEdit {
            items: Some(requested_items(request.line_items)),
            codes: codes(request.discounts),
            buyer: request.buyer.map(buyer).into(),
            recipient: request.fulfillment_details.map(recipient).into(),
            metadata: request.metadata.map(|metadata| metadata.0),
            ..CartEdit::default()
        },
        agent: agent.unwrap_or_default(),
    })
}

/// Parse an update request. Absent fields stay unchanged; buyer, contact and address are replaced as a whole. `currency` is the
/// currency of the checkout, which cannot change.
pub(crate) fn update(body: &JsonValue, currency: Currency) -> Result<CartEdit, BodyError> {
    let request: wire::UpdateRequest = read(body, Nulls::Accepted)?;
    if request.currency.is_some_and(|wanted| wanted.0 != currency) {
        let message = format!("cannot change: the checkout is in {}", currency.lower());
        return Err(BodyError::invalid(message).in_field("currency"));
    }
    Ok(CartEdit {
        items: request.line_items.map(requested_items),
        codes: codes(request.discounts),
        buyer: request.buyer.map(buyer).into(),
        recipient: request.fulfillment_details.map(recipient).into(),
        choices: request
            .fulfillment_option_id
            .map(|id| vec![Choice::of(OptionId::new(id.0))]),
        metadata: request.metadata.map(|metadata| metadata.0),
        ..CartEdit::default()
    })
}

pub(crate) fn confirm(body: &JsonValue) -> Result<Confirmation, BodyError> {
    let request: wire::ConfirmRequest = read(body, Nulls::Accepted)?;
    let payment = request.payment_data;
    let device = request
        .risk_details
        .and_then(|risk| risk.client_device_metadata_details);
    let device = device.map(|device| Device {
        ip: device.ip_address,
        user_agent: device.user_agent,
        ..Device::default()
    });
    Ok(Confirmation {
        token: match payment.provider {
            wire::Provider::Stripe => PaymentToken::stripe(payment.token.0),
        },
        billing: payment.billing_address.map(billing),
        device: device.unwrap_or_default(),
    })
}

fn requested_items(items: Vec<wire::LineItemIn>) -> Vec<RequestedItem> {
    let requested = |item: wire::LineItemIn| RequestedItem {
        item: ItemId::new(item.sku_id.0),
        quantity: item.quantity.0,
    };
    items.into_iter().map(requested).collect()
}

fn codes(discounts: Option<wire::Discounts>) -> Option<Vec<String>> {
    let codes = discounts?.codes?;
    Some(codes.into_iter().map(|code| code.0).collect())
}

fn buyer(buyer: wire::BuyerIn) -> Buyer {
    Buyer {
        first_name: buyer.first_name,
        last_name: buyer.last_name,
        email: buyer.email.map(|email| email.0),
        phone: buyer.phone_number,
        ..Buyer::default()
    }
}

fn recipient(details: wire::DetailsIn) -> RecipientEdit {
    RecipientEdit::Parts {
        contact: details.contact.map(contact),
        address: details.address.map(address),
    }
}

fn contact(given: wire::ContactIn) -> Contact {
    Contact {
        name: given.name,
        phone: given.phone_number,
        email: given.email.map(|email| email.0),
    }
}

/// The fulfillment address. It has no name of its own: the name is in the contact.
fn address(given: wire::AddressIn) -> Address {
    Address {
        line_one: given.line_one.unwrap_or_default(),
        line_two: given.line_two.unwrap_or_default(),
        city: given.city.unwrap_or_default(),
        region: given.state.unwrap_or_default(),
        country: given.country.map(|country| country.0).unwrap_or_default(),
        postal_code: given.postal_code.unwrap_or_default(),
        ..Address::default()
    }
}

fn billing(given: wire::BillingAddress) -> Address {
    Address {
        line_one: given.line1.unwrap_or_default(),
        line_two: given.line2.unwrap_or_default(),
        city: given.city.unwrap_or_default(),
        region: given.state.unwrap_or_default(),
        country: given.country.map(|country| country.0).unwrap_or_default(),
        postal_code: given.postal_code.unwrap_or_default(),
        ..Address::default()
    }
}
