//! Order drafts, and order events with the whole order.

use super::cart::cart;
use super::money;
use super::people::address;
use super::purchase::purchase;
use crate::api::bindings::tillhouse::merchant::orders_types as wit;
use tillhouse_checkout::cart::CartLine;
use tillhouse_checkout::decision::{
    Adjustment, Attribution, Consent, Fulfillment, LineUnits, OrderDraft, OrderEvent, OrderPayment,
};

/// Status of a fulfillment whose units reached the buyer.
const DELIVERED: &str = "delivered";

pub(crate) fn draft(draft: &OrderDraft<'_>) -> wit::Draft {
    wit::Draft {
        cart: cart(draft.cart),
        purchase: purchase(draft.quote),
        total: money(draft.total),
        billing: draft.cart.billing.as_ref().map(address),
        codes: draft.quote.applied_codes(),
        extensions: Vec::new(),
    }
}

pub(crate) fn order_event(event: &OrderEvent) -> wit::Event {
    wit::Event {
        order: event.order.clone(),
        kind: event.kind.clone(),
        revision: event.revision,
        state: state(event),
        cart: cart(&event.cart),
        purchase: purchase(&event.quote),
        total: money(event.total),
        billing: event.billing.as_ref().map(address),
        payment: payment(&event.payment),
        attributions: event.attributions.iter().map(attribution).collect(),
        consents: event.consents.iter().map(consent).collect(),
        notes: event.cart.notes.clone(),
        extensions: Vec::new(),
    }
}

fn state(event: &OrderEvent) -> wit::OrderState {
    wit::OrderState {
        status: event.status.clone(),
        lines: event.cart.lines.iter().map(|line| order_line(event, line)).collect(),
        fulfillments: event.fulfillments.iter().map(fulfillment).collect(),
        adjustments: event.adjustments.iter().map(adjustment).collect(),
    }
}

fn order_line(event: &OrderEvent, line: &CartLine) -> wit::OrderLine {
    let units = |lines: &[LineUnits]| units_of(lines, line);
    let gone = event.adjustments.iter().filter(|adjustment| takes_units(adjustment));
    let gone = gone.map(|adjustment| units(&adjustment.lines)).sum::<u64>();
    let delivered = event.fulfillments.iter().filter(|it| it.status == DELIVERED);
    let delivered = delivered.map(|fulfillment| units(&fulfillment.lines)).sum::<u64>();
    let at_most_ordered = |units: u64| u32::try_from(units).map_or(line.quantity, |units| units.min(line.quantity));
    wit::OrderLine {
        line: line.id.as_str().to_owned(),
        item: line.item.as_str().to_owned(),
        ordered: line.quantity,
        current: line.quantity - at_most_ordered(gone),
        fulfilled: at_most_ordered(delivered),
    }
}

/// Units of a line in a fulfillment or an adjustment, which is about the whole order if it names no lines.
fn units_of(lines: &[LineUnits], line: &CartLine) -> u64 {
    if lines.is_empty() {
        return line.quantity.into();
    }
    let of_line = lines.iter().filter(|units| units.line == line.id.as_str());
    of_line.map(|units| u64::from(units.quantity)).sum()
}

/// Whether its units are no longer ordered. A refund alone returns money, not goods.
fn takes_units(adjustment: &Adjustment) -> bool {
    matches!(adjustment.kind.as_str(), "cancellation" | "return") && adjustment.status != "failed"
}

fn fulfillment(fulfillment: &Fulfillment) -> wit::Fulfillment {
    wit::Fulfillment {
        id: fulfillment.id.clone(),
        kind: fulfillment.kind.clone(),
        status: fulfillment.status.clone(),
        lines: fulfillment.lines.iter().map(line_units).collect(),
        carrier: fulfillment.carrier.clone(),
        tracking_number: fulfillment.tracking_number.clone(),
        tracking_url: fulfillment.tracking_url.clone(),
        at: fulfillment.at.millis(),
    }
}

fn adjustment(adjustment: &Adjustment) -> wit::Adjustment {
    wit::Adjustment {
        id: adjustment.id.clone(),
        kind: adjustment.kind.clone(),
        status: adjustment.status.clone(),
        lines: adjustment.lines.iter().map(line_units).collect(),
        amount: adjustment.amount.map(money),
        reason: adjustment.reason.clone(),
        at: adjustment.at.millis(),
    }
}

fn line_units(units: &LineUnits) -> wit::LineUnits {
    wit::LineUnits {
        line: units.line.clone(),
        quantity: units.quantity,
    }
}

fn payment(payment: &OrderPayment) -> wit::OrderPayment {
    wit::OrderPayment {
        processor: payment.processor.clone(),
        reference: payment.reference.clone(),
        processor_reference: payment.processor_reference.clone(),
        amount: money(payment.amount),
        captured: payment.captured,
    }
}

fn attribution(attribution: &Attribution) -> wit::Attribution {
    wit::Attribution {
        touch: attribution.touch.clone(),
        provider: attribution.provider.clone(),
        token: attribution.token.clone(),
        fields: attribution.fields.clone(),
    }
}

fn consent(consent: &Consent) -> wit::Consent {
    wit::Consent {
        channel: consent.channel.clone(),
        granted: consent.granted,
    }
}
