//! What may happen to an order, and what may not.

mod properties;

use super::*;
use crate::decision::{Adjustment, Fulfillment, FulfillmentEvent, LineUnits};
use crate::money::{Amount, Currency};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

/// Five of `a` and two of `b` for 70.00 USD.
fn order() -> Order {
    let line = |line: &str, ordered| OrderedLine {
        line: line.into(),
        item: line.into(),
        ordered,
    };
    Order {
        id: OrderId::new("ord_1"),
        number: None,
        permalink: "https://shop.example/1".into(),
        merchant: MerchantId::new("acme"),
        session: SessionId::new("cs_1"),
        attempt: AttemptId::new("pa_1"),
        total: usd(7000),
        created: NOW,
        progress: OrderProgress {
            lines: vec![line("a", 5), line("b", 2)],
            ..OrderProgress::default()
        },
    }
}

fn units(lines: &[(&str, u32)]) -> Vec<LineUnits> {
    let units = |(line, quantity): &(&str, u32)| LineUnits {
        line: (*line).to_owned(),
        quantity: *quantity,
    };
    lines.iter().map(units).collect()
}

pub(super) fn parcel(id: &str, status: &str, lines: &[(&str, u32)]) -> OrderChangeKind {
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: id.into(),
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
        at: NOW,
    }))
}

pub(super) fn adjustment(
    id: &str,
    kind: &str,
    status: &str,
    lines: &[(&str, u32)],
    amount: Option<i64>,
) -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: id.into(),
        kind: kind.into(),
        status: status.into(),
        lines: units(lines),
        amount: amount.map(usd),
        reason: None,
        code: None,
        at: NOW,
    }))
}

pub(super) fn delivered(fulfillments: &[&str]) -> OrderChangeKind {
    OrderChangeKind::Delivered {
        fulfillments: fulfillments.iter().map(|id| (*id).to_owned()).collect(),
        location: None,
    }
}

fn change(id: &str, what: OrderChangeKind) -> OrderChange {
    OrderChange {
        source: ChangeSource::Operator,
        id: id.into(),
        at: NOW,
        what,
    }
}

/// The order after these changes.
pub(super) fn after(changes: Vec<OrderChangeKind>) -> Order {
    let numbered = changes.into_iter().enumerate();
    numbered.fold(order(), |order, (n, what)| {
        order.apply(&change(&n.to_string(), what)).unwrap().unwrap()
    })
}

fn refused(before: &Order, what: OrderChangeKind) -> OrderError {
    before.apply(&change("refused", what)).unwrap_err()
}

/// Ordered, current, dispatched and fulfilled units of `a` and of `b`.
fn counts(order: &Order) -> Vec<(u32, u32, u32, u32)> {
    let lines = order.lines().into_iter();
    lines
        .map(|it| (it.ordered, it.current, it.dispatched, it.fulfilled))
        .collect()
}

#[test]
fn an_order_that_an_earlier_release_stored_is_read_as_one_that_nothing_has_happened_to() {
    let stored = r#"{"id":"ord_1","number":null,"permalink":"https://shop.example/1","merchant":"acme","session":"cs_1",
        "attempt":"pa_1","total":{"amount":7000,"currency":"USD"},"created":1700000000000}"#;
    let read: Order = serde_json::from_str(stored).unwrap();
    assert_eq!((read.revision(), read.status()), (1, OrderStatus::Confirmed));
    assert_eq!(read.progress, OrderProgress::default());
}

#[test]
fn two_parcels_take_an_order_from_processing_to_completed() {
    let first = after(vec![parcel("f1", "shipped", &[("a", 3)])]);
    assert_eq!((first.status(), first.revision()), (OrderStatus::Processing, 2));
    assert_eq!(counts(&first), [(5, 5, 3, 0), (2, 2, 0, 0)]);
    let rest = || vec![parcel("f1", "shipped", &[("a", 3)]), parcel("f2", "shipped", &[])];
    let both = after(rest());
    assert_eq!(both.status(), OrderStatus::Shipped);
    assert_eq!(
        both.progress.fulfillments[1].lines,
        units(&[("a", 2), ("b", 2)]),
        "all that is left"
    );
    let arrived = after([rest(), vec![delivered(&["f2"])]].concat());
    assert_eq!(
        (arrived.status(), counts(&arrived)),
        (OrderStatus::Shipped, vec![(5, 5, 5, 2), (2, 2, 2, 2)])
    );
    let all = after([rest(), vec![delivered(&[])]].concat());
    assert_eq!((all.status(), all.revision()), (OrderStatus::Completed, 4));
    let kinds: Vec<_> = all.progress.fulfillments[0]
        .events
        .iter()
        .map(|it| it.kind.as_str())
        .collect();
    assert_eq!(kinds, ["shipped", "delivered"]);
}

#[test]
fn units_are_in_one_parcel_at_most_unless_it_has_failed() {
    let shipped = after(vec![parcel("f1", "shipped", &[("a", 4)])]);
    let error = refused(&shipped, parcel("f2", "shipped", &[("a", 2)]));
    assert_eq!(error.to_string(), "lines: line a has 1 units left to fulfill, not 2");
    let lost = after(vec![
        parcel("f1", "shipped", &[("a", 4)]),
        parcel("f1", "failed", &[]),
        parcel("f2", "shipped", &[("a", 5)]),
    ]);
    assert_eq!(counts(&lost)[0], (5, 5, 5, 0));
    assert_eq!(
        refused(&after(vec![parcel("f1", "shipped", &[])]), parcel("f2", "shipped", &[])),
        OrderError::NothingLeft("fulfill")
    );
}

#[test]
fn a_parcel_keeps_what_a_later_change_leaves_out_and_its_events() {
    let OrderChangeKind::Fulfilled(mut first) = parcel("f1", "shipped", &[("a", 1)]) else {
        unreachable!()
    };
    first.carrier = Some("UPS".into());
    let OrderChangeKind::Fulfilled(mut second) = parcel("f1", "in_transit", &[]) else {
        unreachable!()
    };
    second.events = vec![FulfillmentEvent {
        id: "e1".into(),
        kind: "in_transit".into(),
        description: None,
        location: Some("Memphis, TN".into()),
        at: NOW,
    }];
    let order = after(vec![
        OrderChangeKind::Fulfilled(first),
        OrderChangeKind::Fulfilled(second),
    ]);
    let parcel = &order.progress.fulfillments[0];
    assert_eq!(
        (parcel.carrier.as_deref(), &parcel.lines),
        (Some("UPS"), &units(&[("a", 1)]))
    );
    let events: Vec<_> = parcel
        .events
        .iter()
        .map(|it| (it.id.as_str(), it.kind.as_str()))
        .collect();
    assert_eq!(events, [("f1:1", "shipped"), ("e1", "in_transit")]);
}

#[test]
fn what_was_not_dispatched_can_be_canceled() {
    let part = after(vec![adjustment("c1", "cancellation", "completed", &[("a", 2)], None)]);
    assert_eq!(
        (part.status(), counts(&part)),
        (OrderStatus::Confirmed, vec![(5, 3, 0, 0), (2, 2, 0, 0)])
    );
    let rest = after(vec![
        parcel("f1", "shipped", &[("a", 3)]),
        parcel("f2", "processing", &[("b", 1)]),
        adjustment("c1", "cancellation", "completed", &[], None),
    ]);
    assert_eq!(counts(&rest), [(5, 3, 3, 0), (2, 0, 0, 0)]);
    assert_eq!(rest.status(), OrderStatus::Shipped);
    assert_eq!(
        rest.progress.fulfillments[1].status, "canceled",
        "what was being prepared is not sent"
    );
    let shipped = after(vec![parcel("f1", "shipped", &[])]);
    let cancel = |lines: &[(&str, u32)]| adjustment("c1", "cancellation", "completed", lines, None);
    assert_eq!(refused(&shipped, cancel(&[])), OrderError::NothingLeft("cancel"));
    let error = refused(&shipped, cancel(&[("b", 1)])).to_string();
    assert_eq!(error, "lines: line b has 0 units left to cancel, not 1");
    assert_eq!(
        after(vec![OrderChangeKind::Status(OrderStatus::Canceled)]).status(),
        OrderStatus::Canceled
    );
}

#[test]
fn only_what_was_dispatched_comes_back_and_an_order_that_came_back_is_not_canceled() {
    let returns = |lines: &[(&str, u32)]| adjustment("r1", "return", "completed", lines, None);
    assert_eq!(refused(&order(), returns(&[])), OrderError::NothingLeft("return"));
    let all = after(vec![parcel("f1", "delivered", &[]), returns(&[])]);
    assert_eq!(
        (all.status(), counts(&all)),
        (OrderStatus::Completed, vec![(5, 0, 0, 0), (2, 0, 0, 0)])
    );
}

#[test]
fn a_failed_adjustment_moves_nothing() {
    let failed = after(vec![
        adjustment("c1", "cancellation", "pending", &[("a", 5)], Some(5000)),
        adjustment("c1", "cancellation", "failed", &[], None),
    ]);
    assert_eq!(counts(&failed)[0], (5, 5, 0, 0));
    assert_eq!(failed.adjusted(), Ok(usd(0)));
}

#[test]
fn adjustments_return_no_more_than_was_captured() {
    let refund = |id: &str, minor| adjustment(id, "refund", "completed", &[], Some(minor));
    let most = after(vec![
        refund("r1", 4000),
        adjustment("r2", "refund", "pending", &[], Some(2999)),
    ]);
    assert_eq!((most.adjusted(), most.refunded()), (Ok(usd(6999)), usd(4000)));
    assert_eq!(
        refused(&most, refund("r3", 2)).to_string(),
        "amount: with this, 70.01 USD would have gone back of 70.00 USD that was captured"
    );
    let disputed = after(vec![
        refund("r1", 7000),
        adjustment("d1", "dispute", "completed", &[], Some(7000)),
    ]);
    assert_eq!(disputed.refunded(), usd(7000), "a dispute is not a refund");
}

#[test]
fn a_change_is_applied_once_and_its_id_is_not_given_to_another() {
    let ship = change("c1", parcel("f1", "shipped", &[]));
    let shipped = order().apply(&ship).unwrap().unwrap();
    let later = OrderChange {
        at: Timestamp(0),
        ..ship.clone()
    };
    assert_eq!(shipped.apply(&later), Ok(None), "whenever it is repeated");
    let other = change("c1", delivered(&[]));
    assert_eq!(shipped.apply(&other), Err(OrderError::IdReused("c1".into())));
    let of_another = OrderChange {
        source: ChangeSource::Notice,
        ..other
    };
    assert!(
        shipped.apply(&of_another).unwrap().is_some(),
        "ids of another source are others"
    );
}

#[test]
fn what_the_merchant_states_may_be_further_than_the_parcels_and_never_behind() {
    let stated = |status| OrderChangeKind::Status(status);
    let review = after(vec![stated(OrderStatus::ManualReview)]);
    assert_eq!(review.status(), OrderStatus::ManualReview);
    let completed = after(vec![stated(OrderStatus::Completed)]);
    assert_eq!(
        (completed.status(), counts(&completed)[0]),
        (OrderStatus::Completed, (5, 5, 5, 5))
    );
    let behind = after(vec![parcel("f1", "shipped", &[]), stated(OrderStatus::Processing)]);
    assert_eq!(behind.status(), OrderStatus::Shipped);
}

#[test]
fn a_change_that_contradicts_the_order_says_what_is_wrong() {
    let shipped = after(vec![parcel("f1", "shipped", &[("a", 1)])]);
    for (what, error) in [
        (
            parcel("f2", "shipped", &[("c", 1)]),
            "lines: the order has no line c; it has a, b",
        ),
        (
            parcel("f2", "shipped", &[("b", 0)]),
            "lines: line b has no units; name at least one, or leave the line out",
        ),
        (
            delivered(&["f9"]),
            "fulfillment: the order has none with the id f9; it has f1",
        ),
        (parcel("", "shipped", &[]), "fulfillment.id is empty"),
    ] {
        assert_eq!(refused(&shipped, what).to_string(), error);
    }
    let mut euro = order();
    euro.total.currency = Currency::new("EUR").unwrap();
    let refund = adjustment("r1", "refund", "completed", &[], Some(1));
    assert_eq!(
        refused(&euro, refund).to_string(),
        "amount: the order is in EUR, and the adjustment in USD"
    );
}
