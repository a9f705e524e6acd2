//! Order drafts, and order events with the whole order.

use super::cart::cart;
use super::money;
use super::people::address;
use super::purchase::purchase;
use crate::api::bindings::tillhouse::merchant::orders_types as wit;
use tillhouse_checkout::decision::{
    Adjustment, Attribution, Consent, DigitalDelivery, Fulfillment, FulfillmentEvent, LineUnits, OrderDraft,
    OrderEvent, OrderPayment,
};
use tillhouse_checkout::order::OrderLine;
use tillhouse_checkout::time::Timestamp;

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
        lines: event.lines.iter().map(order_line).collect(),
        fulfillments: event.fulfillments.iter().map(fulfillment).collect(),
        adjustments: event.adjustments.iter().map(adjustment).collect(),
    }
}

fn order_line(line: &OrderLine) -> wit::OrderLine {
    wit::OrderLine {
        line: line.line.clone(),
        item: line.item.clone(),
        ordered: line.ordered,
        current: line.current,
        fulfilled: line.fulfilled,
        extensions: Vec::new(),
    }
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
        description: fulfillment.description.clone(),
        destination: fulfillment.destination.as_ref().map(address),
        earliest: fulfillment.earliest.map(Timestamp::millis),
        latest: fulfillment.latest.map(Timestamp::millis),
        digital: fulfillment.digital.as_ref().map(digital_delivery),
        events: fulfillment.events.iter().map(fulfillment_event).collect(),
        at: fulfillment.at.millis(),
        extensions: Vec::new(),
    }
}

fn digital_delivery(delivery: &DigitalDelivery) -> wit::DigitalDelivery {
    wit::DigitalDelivery {
        url: delivery.url.clone(),
        license_key: delivery.license_key.clone(),
        expires: delivery.expires.map(Timestamp::millis),
    }
}

fn fulfillment_event(event: &FulfillmentEvent) -> wit::FulfillmentEvent {
    wit::FulfillmentEvent {
        id: event.id.clone(),
        kind: event.kind.clone(),
        description: event.description.clone(),
        location: event.location.clone(),
        at: event.at.millis(),
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
        code: adjustment.code.clone(),
        at: adjustment.at.millis(),
        extensions: Vec::new(),
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

pub(super) fn attribution(attribution: &Attribution) -> wit::Attribution {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::cart::Cart;
    use tillhouse_checkout::money::{Amount, Currency, Money};
    use tillhouse_checkout::quote::Quote;

    #[test]
    fn an_event_has_the_units_of_each_line_and_the_buyers_note() {
        let zero = Money {
            amount: Amount::ZERO,
            currency: Currency::new("USD").unwrap(),
        };
        let event = order_event(&OrderEvent {
            order: "ord_1".into(),
            kind: "updated".into(),
            revision: 2,
            status: "processing".into(),
            lines: vec![OrderLine {
                line: "a".into(),
                item: "sku".into(),
                ordered: 5,
                current: 4,
                dispatched: 3,
                fulfilled: 2,
            }],
            fulfillments: vec![],
            adjustments: vec![],
            cart: Cart {
                notes: Some("Ring twice".into()),
                ..Cart::default()
            },
            quote: Quote::default(),
            total: zero,
            billing: None,
            payment: OrderPayment {
                processor: String::new(),
                reference: String::new(),
                processor_reference: None,
                amount: zero,
                captured: true,
            },
            attributions: vec![],
            consents: vec![],
        });
        assert_eq!(event.notes.as_deref(), Some("Ring twice"));
        let [line] = event.state.lines.as_slice() else {
            panic!("{:?}", event.state.lines)
        };
        assert_eq!((line.line.as_str(), line.item.as_str()), ("a", "sku"));
        assert_eq!((line.ordered, line.current, line.fulfilled), (5, 4, 2));
    }
}
