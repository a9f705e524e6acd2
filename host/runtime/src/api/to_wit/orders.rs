//! Order drafts, and order events with the whole order.

use super::cart::cart;
use super::money;
use super::people::address;
use super::purchase::purchase;
use crate::api::bindings::tillhouse::merchant::orders_types as wit;
use tillhouse_checkout::cart::CartLine;
use tillhouse_checkout::decision::{
    Adjustment, Attribution, Consent, DigitalDelivery, Fulfillment, FulfillmentEvent, LineUnits, OrderDraft,
    OrderEvent, OrderPayment,
};
use tillhouse_checkout::time::Timestamp;

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
        extensions: Vec::new(),
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
    use tillhouse_checkout::ids::{ItemId, LineId};
    use tillhouse_checkout::money::{Amount, Currency, Money};
    use tillhouse_checkout::quote::Quote;

    fn zero() -> Money {
        Money {
            amount: Amount::ZERO,
            currency: Currency::new("USD").unwrap(),
        }
    }

    fn units(lines: &[(&str, u32)]) -> Vec<LineUnits> {
        let units = |(line, quantity): &(&str, u32)| LineUnits {
            line: (*line).to_owned(),
            quantity: *quantity,
        };
        lines.iter().map(units).collect()
    }

    fn shipped(status: &str, lines: &[(&str, u32)]) -> Fulfillment {
        Fulfillment {
            id: "f".into(),
            kind: "shipping".into(),
            status: status.into(),
            lines: units(lines),
            carrier: None,
            tracking_number: None,
            tracking_url: None,
            description: None,
            destination: None,
            earliest: None,
            latest: None,
            digital: None,
            events: vec![],
            at: Timestamp(0),
        }
    }

    fn adjusted(kind: &str, status: &str, lines: &[(&str, u32)]) -> Adjustment {
        Adjustment {
            id: "a".into(),
            kind: kind.into(),
            status: status.into(),
            lines: units(lines),
            amount: None,
            reason: None,
            code: None,
            at: Timestamp(0),
        }
    }

    /// Ordered, current and fulfilled units of the lines `a` (5 units) and `b` (2 units).
    fn lines(fulfillments: Vec<Fulfillment>, adjustments: Vec<Adjustment>) -> Vec<(u32, u32, u32)> {
        let line = |id: &str, quantity| CartLine {
            id: LineId::new(id),
            item: ItemId::new(id),
            quantity,
        };
        let cart = Cart {
            lines: vec![line("a", 5), line("b", 2)],
            notes: Some("Ring twice".into()),
            ..Cart::default()
        };
        let event = order_event(&OrderEvent {
            order: "ord_1".into(),
            kind: "updated".into(),
            revision: 2,
            status: "shipped".into(),
            fulfillments,
            adjustments,
            cart,
            quote: Quote::default(),
            total: zero(),
            billing: None,
            payment: OrderPayment {
                processor: String::new(),
                reference: String::new(),
                processor_reference: None,
                amount: zero(),
                captured: true,
            },
            attributions: vec![],
            consents: vec![],
        });
        assert_eq!(event.notes.as_deref(), Some("Ring twice"));
        let lines = event.state.lines.iter();
        lines.map(|line| (line.ordered, line.current, line.fulfilled)).collect()
    }

    #[test]
    fn only_what_was_delivered_is_fulfilled() {
        let delivered = vec![shipped("delivered", &[("a", 3)]), shipped("shipped", &[("b", 2)])];
        assert_eq!(lines(delivered, vec![]), [(5, 5, 3), (2, 2, 0)]);
        assert_eq!(lines(vec![shipped("delivered", &[])], vec![]), [(5, 5, 5), (2, 2, 2)]);
    }

    #[test]
    fn canceled_and_returned_units_are_no_longer_ordered_and_refunded_ones_are() {
        let adjustments = vec![
            adjusted("cancellation", "completed", &[("a", 1)]),
            adjusted("return", "pending", &[("a", 2)]),
            adjusted("refund", "completed", &[("b", 1)]),
            adjusted("return", "failed", &[("b", 1)]),
        ];
        assert_eq!(lines(vec![], adjustments), [(5, 2, 0), (2, 2, 0)]);
        let all = vec![adjusted("cancellation", "completed", &[])];
        assert_eq!(lines(vec![], all), [(5, 0, 0), (2, 0, 0)]);
    }

    #[test]
    fn more_units_than_were_ordered_count_as_all_of_them() {
        let twice = vec![
            adjusted("return", "completed", &[("a", 4)]),
            adjusted("return", "completed", &[("a", 4)]),
        ];
        assert_eq!(lines(vec![], twice), [(5, 0, 0), (2, 2, 0)]);
    }
}
