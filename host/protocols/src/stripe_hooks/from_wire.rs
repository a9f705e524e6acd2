//! What the hooks ask, in the words of the domain.

use super::wire;
use crate::json::{BodyError, BodyErrorKind, JsonValue, Nulls, read_ignoring_unknown};
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::contact::{Address, Buyer, Contact, RecipientEdit};
use tillhouse_checkout::decision::RiskSignal;
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::party_units::Party;

/// Source of the risk signals that the hook brings.
const STRIPE: &str = "stripe";

/// An order that Stripe asks about.
#[derive(Clone, Debug)]
pub(super) struct AskedOrder {
    /// Id of Stripe's checkout session; `None` if the hook names none.
    pub(super) session: Option<SessionId>,
    pub(super) currency: Currency,
    pub(super) lines: Vec<AskedLine>,
    pub(super) edit: CartEdit,
    pub(super) billing: Option<Address>,
    pub(super) signals: Vec<RiskSignal>,
    pub(super) amounts: AskedAmounts,
}

/// A line as Stripe has it. Amounts are in minor units.
#[derive(Clone, Debug)]
pub(super) struct AskedLine {
    /// Stripe's id of the line.
    pub(super) id: String,
    pub(super) sku: ItemId,
    pub(super) quantity: u32,
    pub(super) unit_amount: Option<Amount>,
}

/// What Stripe is about to take. `None` where it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AskedAmounts {
    pub(super) subtotal: Option<Amount>,
    pub(super) discount: Option<Amount>,
    pub(super) shipping: Option<Amount>,
    pub(super) tax: Option<Amount>,
    pub(super) total: Option<Amount>,
}

/// A checkout that Stripe asks to customize.
#[derive(Clone, Debug)]
pub(super) struct AskedCheckout {
    pub(super) session: Option<SessionId>,
    pub(super) currency: Currency,
    pub(super) lines: Vec<AskedLine>,
    pub(super) edit: CartEdit,
    /// Whether Stripe computes the taxes itself.
    pub(super) has_automatic_tax: bool,
}

pub(super) fn approval(data: &JsonValue) -> Result<AskedOrder, BodyError> {
    let asked: wire::Approval = read_ignoring_unknown(data, Nulls::Accepted).map_err(in_data)?;
    let currency = asked.currency.0;
    let lines = lines(asked.line_items_details, asked.line_item_details, currency)?;
    if lines.is_empty() {
        let missing = BodyError::new(BodyErrorKind::Missing, "at least one line item is required");
        return Err(in_data(missing.in_field("line_items_details")));
    }
    let totals = asked.total_details;
    let total = |of: fn(&wire::TotalDetails) -> Option<i64>| totals.as_ref().and_then(of);
    let amounts = AskedAmounts {
        subtotal: amount(asked.amount_subtotal, currency, "amount_subtotal")?,
        total: amount(asked.amount_total, currency, "amount_total")?,
        discount: amount(
            total(|it| it.amount_discount),
            currency,
            "total_details.amount_discount",
        )?,
        shipping: amount(
            total(|it| it.amount_shipping),
            currency,
            "total_details.amount_shipping",
        )?,
        tax: amount(total(|it| it.amount_tax), currency, "total_details.amount_tax")?,
    };
    let name = [&asked.billing_details, &asked.shipping_details]
        .into_iter()
        .find_map(|party| party.as_ref()?.name.clone());
    let buyer = Buyer {
        full_name: name,
        email: asked.email.map(|email| email.0),
        phone: asked.phone,
        ..Buyer::default()
    };
    Ok(AskedOrder {
        session: asked.checkout_session.map(|id| SessionId::new(id.0)),
        currency,
        edit: CartEdit {
            items: Some(items(&lines)),
            buyer: (buyer != Buyer::default()).then_some(buyer).into(),
            recipient: asked.shipping_details.map(recipient).into(),
            ..CartEdit::default()
        },
        lines,
        billing: asked.billing_details.and_then(billing),
        signals: asked.payment_method_details.map(signals).unwrap_or_default(),
        amounts,
    })
}

pub(super) fn customization(data: &JsonValue) -> Result<AskedCheckout, BodyError> {
    let asked: wire::Customization = read_ignoring_unknown(data, Nulls::Accepted).map_err(in_data)?;
    let lines = lines(asked.line_items_details, asked.line_item_details, asked.currency.0)?;
    Ok(AskedCheckout {
        session: asked.checkout_session.map(|id| SessionId::new(id.0)),
        currency: asked.currency.0,
        edit: CartEdit {
            items: Some(items(&lines)),
            recipient: asked.shipping_details.map(recipient).into(),
            ..CartEdit::default()
        },
        lines,
        has_automatic_tax: asked.automatic_tax.is_some_and(|tax| tax.enabled),
    })
}

/// An amount of Stripe in minor units.
pub(super) fn amount(stated: Option<i64>, currency: Currency, path: &str) -> Result<Option<Amount>, BodyError> {
    let Some(stated) = stated else { return Ok(None) };
    let wrong = |message: String| in_data(BodyError::invalid(message).in_path(path));
    let read = Party::Stripe.used(stated, currency);
    let amount = read.map_err(|error| wrong(error.to_string()))?;
    let money = Money { amount, currency };
    match Party::Stripe.amount(money) {
        Ok(exact) if exact == stated => Ok(Some(amount)),
        _ => Err(wrong(format!("{stated} is not an amount in {}", currency.lower()))),
    }
}

/// Either spelling of the list; where both are there, the documented one.
fn lines(
    documented: Option<Vec<wire::LineItem>>,
    seen: Option<Vec<wire::LineItem>>,
    currency: Currency,
) -> Result<Vec<AskedLine>, BodyError> {
    let (name, given) = match (documented, seen) {
        (Some(given), _) => ("line_items_details", given),
        (None, given) => ("line_item_details", given.unwrap_or_default()),
    };
    let line = |(index, line): (usize, wire::LineItem)| {
        let path = format!("{name}[{index}].unit_amount");
        Ok(AskedLine {
            unit_amount: amount(line.unit_amount, currency, &path)?,
            sku: ItemId::new(line.sku_id.map_or_else(|| line.id.0.clone(), |sku| sku.0)),
            id: line.id.0,
            quantity: line.quantity.0,
        })
    };
    given.into_iter().enumerate().map(line).collect()
}

fn items(lines: &[AskedLine]) -> Vec<RequestedItem> {
    let item = |line: &AskedLine| RequestedItem {
        item: line.sku.clone(),
        quantity: line.quantity,
    };
    lines.iter().map(item).collect()
}

fn recipient(party: wire::Party) -> RecipientEdit {
    RecipientEdit::Parts {
        contact: party.name.map(|name| Contact {
            name: Some(name),
            ..Contact::default()
        }),
        address: party.address.map(address),
    }
}

fn billing(details: wire::Party) -> Option<Address> {
    Some(Address {
        name: details.name.unwrap_or_default(),
        ..address(details.address?)
    })
}

fn address(given: wire::Address) -> Address {
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

/// What Stripe says of the card, for the risk rules: in its own words, and without a number.
fn signals(method: wire::PaymentMethod) -> Vec<RiskSignal> {
    let mut said = vec![("payment_method", method.r#type)];
    if let Some(card) = method.card {
        said.extend([
            ("card_brand", card.brand),
            ("card_country", card.country),
            ("card_funding", card.funding),
            ("card_fingerprint", card.fingerprint),
            ("card_wallet", card.wallet.and_then(|wallet| wallet.r#type)),
        ]);
    }
    let signal = |(kind, value): (&str, Option<String>)| {
        Some(RiskSignal {
            source: STRIPE.to_owned(),
            kind: kind.to_owned(),
            score: Some(value?),
            action: None,
        })
    };
    said.into_iter().filter_map(signal).collect()
}

fn in_data(error: BodyError) -> BodyError {
    error.in_field("data")
}
