//! Ready-made orders: before payment, to charge, and after purchase.

use crate::{
    money::Money,
    orders::{Draft, Event, OrderLine, OrderPayment, OrderState},
    payments::ChargeOrder,
    purchase::{Purchase, Totals},
    types::{Cart, Device, Line},
};

/// Creates an order of this amount to charge, of which nothing else is known.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let order = testing::charge_order(Money::new(Amount::new(4598)?, "USD"));
/// assert_eq!((order.order.as_str(), order.purchase.totals.total), ("ord_test", 4598));
/// # Ok::<(), Failure>(())
/// ```
#[must_use]
pub fn charge_order(amount: Money) -> ChargeOrder {
    ChargeOrder {
        session: "cs_test".into(),
        order: "ord_test".into(),
        purchase: purchase(&amount),
        amount,
        statement: None,
        buyer: None,
        recipient: None,
        billing: None,
        shipping: None,
        return_url: "https://shop.example/orders/ord_test".into(),
        device: Device::default(),
        authentication: None,
        initiator: "agent".into(),
        extensions: Vec::new(),
    }
}

/// Creates an order before payment with this cart and grand total.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let draft = testing::draft(testing::cart(&[("tee", 1)]), Money::new(Amount::new(2500)?, "USD"));
/// assert_eq!(draft.total.minor, 2500);
/// # Ok::<(), Failure>(())
/// ```
#[must_use]
pub fn draft(cart: Cart, total: Money) -> Draft {
    Draft {
        codes: cart.codes.clone(),
        billing: cart.billing.clone(),
        cart,
        purchase: purchase(&total),
        total,
        extensions: Vec::new(),
    }
}

/// Creates the event `created` of a paid and confirmed order, `ord_test`, with this cart and grand total.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::orders::Event;
///
/// let created = testing::order_event(testing::cart(&[("tee", 1)]), Money::new(Amount::new(2500)?, "USD"));
/// let canceled = Event { kind: "canceled".into(), revision: 2, ..created };
/// assert_eq!(canceled.payment.amount.minor, 2500);
/// # Ok::<(), Failure>(())
/// ```
#[must_use]
pub fn order_event(cart: Cart, total: Money) -> Event {
    Event {
        order: "ord_test".into(),
        kind: "created".into(),
        revision: 1,
        state: OrderState {
            status: "confirmed".into(),
            lines: cart.lines.iter().map(ordered).collect(),
            fulfillments: Vec::new(),
            adjustments: Vec::new(),
        },
        billing: cart.billing.clone(),
        cart,
        purchase: purchase(&total),
        payment: OrderPayment {
            processor: "test".into(),
            reference: "ref_test".into(),
            processor_reference: Some("ch_test".into()),
            amount: total.clone(),
            captured: true,
        },
        total,
        attributions: Vec::new(),
        consents: Vec::new(),
        notes: None,
        extensions: Vec::new(),
    }
}

fn ordered(line: &Line) -> OrderLine {
    OrderLine {
        line: line.id.clone(),
        item: line.item.clone(),
        ordered: line.quantity,
        current: line.quantity,
        fulfilled: 0,
        extensions: Vec::new(),
    }
}

/// A purchase of which only the grand total is known.
fn purchase(total: &Money) -> Purchase {
    Purchase {
        totals: Totals {
            total: total.minor,
            ..Totals::default()
        },
        ..Purchase::default()
    }
}
