//! An order event as one line of text.

use tillhouse_plugin::orders::{Consent, Event, OrderLine, OrderPayment};
use tillhouse_plugin::purchase::PurchasedLine;

/// What the host tells of an order, without the ids that differ from one run to the next.
pub(crate) fn told(event: &Event) -> String {
    let lines = event.purchase.lines.iter().map(amounts);
    let units = event.state.lines.iter().map(units);
    let billing = event.billing.as_ref().map(|address| address.country.as_str());
    let buyer = event.cart.buyer.as_ref().and_then(|buyer| buyer.email.as_deref());
    let consents = event
        .consents
        .iter()
        .map(|Consent { channel, granted }| format!("{channel} {granted}"));
    [
        format!("{} {}, {}", event.kind, event.revision, event.state.status),
        format!("lines {}", lines.collect::<Vec<_>>().join(" and ")),
        format!("units {}", units.collect::<Vec<_>>().join(" and ")),
        format!("total {} {}", event.total.minor, event.total.currency),
        format!("buyer {}", buyer.unwrap_or("none")),
        format!("billing {}", billing.unwrap_or("none")),
        format!("payment {}", payment(&event.payment)),
        format!("consents {}", consents.collect::<Vec<_>>().join(" and ")),
        format!("affiliates {}", crate::told::attributions(&event.attributions)),
        format!("notes {}", event.notes.as_deref().unwrap_or("none")),
    ]
    .join("; ")
}

fn amounts(line: &PurchasedLine) -> String {
    let option = line.option.as_deref().unwrap_or("none");
    format!(
        "{} {} of {} by {option}: net {}, tax {}, total {}",
        line.quantity, line.item, line.unit_price, line.net, line.tax, line.total
    )
}

fn units(line: &OrderLine) -> String {
    format!("{} of {} {}", line.current, line.ordered, line.item)
}

fn payment(payment: &OrderPayment) -> String {
    let amount = &payment.amount;
    let by = match &payment.processor_reference {
        Some(_) => payment.processor.as_str(),
        None => "none",
    };
    format!(
        "{} {} by {by}, captured {}",
        amount.minor, amount.currency, payment.captured
    )
}
