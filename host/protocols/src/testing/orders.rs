//! Orders to which something has happened.

use tillhouse_checkout::decision::{Adjustment, Fulfillment, LineUnits};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderStatus};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;

const AT: Timestamp = Timestamp(1_767_925_130_000);

/// A completed session whose order has changed.
pub(crate) fn changed(mut session: Session, changes: &[OrderChangeKind]) -> Session {
    let mut order = session.order().unwrap().clone().with_lines_of(&session.quote);
    for (index, what) in changes.iter().enumerate() {
        let change = OrderChange {
            source: ChangeSource::Operator,
            id: format!("change_{index}"),
            at: AT,
            what: what.clone(),
        };
        order = order.apply(&change).unwrap().unwrap();
    }
    session.state = SessionState::Completed { order: Box::new(order) };
    session
}

/// The merchant's own system says how far the order is.
pub(crate) const fn status(status: OrderStatus) -> OrderChangeKind {
    OrderChangeKind::Status(status)
}

fn units(lines: &[(&str, u32)]) -> Vec<LineUnits> {
    let units = lines.iter().map(|(line, quantity)| LineUnits {
        line: (*line).to_owned(),
        quantity: *quantity,
    });
    units.collect()
}

/// A parcel with these lines is on its way.
pub(crate) fn shipped(id: &str, lines: &[(&str, u32)]) -> OrderChangeKind {
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: id.into(),
        kind: "shipping".into(),
        status: "shipped".into(),
        lines: units(lines),
        carrier: Some("UPS".into()),
        tracking_number: Some("1Z1".into()),
        tracking_url: Some("https://carrier.example/1Z1".into()),
        description: None,
        destination: None,
        earliest: None,
        latest: None,
        digital: None,
        events: Vec::new(),
        at: AT,
    }))
}

/// This much of the payment has gone back.
pub(crate) fn refunded(id: &str, minor: i64, lines: &[(&str, u32)]) -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: id.into(),
        kind: "refund".into(),
        status: "completed".into(),
        lines: units(lines),
        amount: Some(Money {
            amount: Amount::new(minor).unwrap(),
            currency: Currency::new("USD").unwrap(),
        }),
        reason: Some("Torn".into()),
        code: Some("damaged".into()),
        at: AT,
    }))
}
