//! Changes of orders, with what follows from them.

use tillhouse_checkout::decision::{
    Adjustment, Fulfillment, LineUnits, OrderNotice, ProcessorWebhook, ReportedOrderChange,
};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::OrderId;
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderStatus};
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries as _};
use tillhouse_checkout::time::Clock;

use super::*;
use crate::testing::{TestHost, completion, merchant, usd};

fn change(host: &TestHost, id: &str, what: OrderChangeKind) -> OrderChange {
    OrderChange {
        source: ChangeSource::Operator,
        id: id.into(),
        at: host.clock.now(),
        what,
    }
}

pub(crate) fn parcel(host: &TestHost, id: &str, lines: &[(&str, u32)]) -> OrderChangeKind {
    let units = |(line, quantity): &(&str, u32)| LineUnits {
        line: (*line).to_owned(),
        quantity: *quantity,
    };
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: id.into(),
        kind: "shipping".into(),
        status: "shipped".into(),
        lines: lines.iter().map(units).collect(),
        carrier: None,
        tracking_number: None,
        tracking_url: None,
        description: None,
        destination: None,
        earliest: None,
        latest: None,
        digital: None,
        events: vec![],
        at: host.clock.now(),
    }))
}

fn cancellation(host: &TestHost) -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: "c".into(),
        kind: "cancellation".into(),
        status: "completed".into(),
        lines: vec![],
        amount: None,
        reason: None,
        code: None,
        at: host.clock.now(),
    }))
}

async fn sold(host: &TestHost) -> Order {
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    host.stored(&id).await.order().unwrap().clone()
}

async fn changed(host: &TestHost, order: &Order, id: &str, what: OrderChangeKind) -> ChangedOrder {
    let ordering = host.payments.ordering();
    let change = change(host, id, what);
    ordering
        .change(&merchant(), &order.id, &change, |_| None)
        .await
        .unwrap()
}

async fn deliver(host: &TestHost) {
    // One message of a stream at a time: each round delivers the next.
    for _ in 0..6 {
        host.payments.outbox().deliver_obligations().await;
    }
}

#[tokio::test]
async fn the_plugin_is_told_of_every_revision_in_its_order_and_with_the_state_of_that_revision() {
    let host = TestHost::start();
    let order = sold(&host).await;
    changed(&host, &order, "1", parcel(&host, "f1", &[])).await;
    let delivered = OrderChangeKind::Delivered {
        fulfillments: vec![],
        location: None,
    };
    changed(&host, &order, "2", delivered).await;
    deliver(&host).await;
    let events = host.shop.state().notified.into_iter().map(|(_, event)| event);
    let seen: Vec<_> = events
        .map(|it| {
            (
                it.kind,
                it.revision,
                it.status,
                it.fulfillments.len(),
                it.lines[0].fulfilled,
            )
        })
        .collect();
    let units = order.lines()[0].ordered;
    let event = |kind: &str, revision, status: &str, parcels, fulfilled| {
        (kind.to_owned(), revision, status.to_owned(), parcels, fulfilled)
    };
    assert_eq!(
        seen,
        [
            event("created", 1, "confirmed", 0, 0),
            event("updated", 2, "shipped", 1, 0),
            event("updated", 3, "completed", 1, units),
        ]
    );
}

#[tokio::test]
async fn a_canceled_order_is_an_event_of_its_kind() {
    let host = TestHost::start();
    let order = sold(&host).await;
    changed(&host, &order, "1", cancellation(&host)).await;
    deliver(&host).await;
    let last = host.shop.state().notified.pop().unwrap().1;
    assert_eq!(
        (last.kind.as_str(), last.status.as_str(), last.lines[0].current),
        ("canceled", "canceled", 0)
    );
}

#[tokio::test]
async fn a_repeated_change_tells_nobody_again() {
    let host = TestHost::start();
    let order = sold(&host).await;
    let first = changed(&host, &order, "1", parcel(&host, "f1", &[])).await;
    let again = changed(&host, &order, "1", parcel(&host, "f1", &[])).await;
    assert_eq!((first.repeated, again.repeated), (false, true));
    assert_eq!(again.order, first.order);
    deliver(&host).await;
    assert_eq!(host.shop.state().notified.len(), 2, "created, and shipped");
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_applied_one_after_the_other() {
    let host = TestHost::start();
    let order = sold(&host).await;
    let ordering = host.payments.ordering();
    let changes: Vec<_> = ["a", "b", "c", "d"]
        .into_iter()
        .map(|id| change(&host, id, OrderChangeKind::Status(OrderStatus::Processing)))
        .collect();
    let merchant = merchant();
    let apply = |at: usize| ordering.change(&merchant, &order.id, &changes[at], |_| None);
    let (a, b, c, d) = tokio::join!(apply(0), apply(1), apply(2), apply(3));
    let mut revisions = [a, b, c, d].map(|it| it.unwrap().order.revision());
    revisions.sort_unstable();
    assert_eq!(revisions, [2, 3, 4, 5]);
}

#[tokio::test]
async fn a_completed_session_shows_its_order_as_it_is_now() {
    let host = TestHost::start();
    let order = sold(&host).await;
    changed(&host, &order, "1", parcel(&host, "f1", &[])).await;
    let shown = host.stored(&order.session).await;
    assert_eq!(shown.order().unwrap().status(), OrderStatus::Shipped);
}

#[tokio::test]
async fn what_is_refused_changes_nothing_and_another_merchants_order_is_absent() {
    let host = TestHost::start();
    let order = sold(&host).await;
    let ordering = host.payments.ordering();
    let wrong = change(&host, "1", parcel(&host, "f1", &[("nothing", 1)]));
    let refused = ordering.change(&merchant(), &order.id, &wrong, |_| None).await;
    assert!(matches!(refused, Err(ChangeOrderError::Refused(_))), "{refused:?}");
    let absent = ordering
        .change(&merchant(), &OrderId::new("other"), &wrong, |_| None)
        .await;
    assert!(matches!(absent, Err(ChangeOrderError::Absent { .. })), "{absent:?}");
    assert_eq!(host.stored(&order.session).await.order().unwrap().revision(), 1);
}

/// The merchant's own system reports these changes.
async fn noticed(host: &TestHost, changes: Vec<(&str, &OrderId, OrderChangeKind)>) -> usize {
    let reported = changes.into_iter().map(|(id, order, what)| ReportedOrderChange {
        id: id.into(),
        order: order.clone(),
        what,
    });
    let notice = OrderNotice {
        changes: reported.collect(),
        reply: None,
    };
    host.shop.set(|shop| shop.order_notice = Some(notice));
    let webhook = ProcessorWebhook {
        headers: vec![],
        body: vec![],
    };
    let handled = host.payments.ordering().handle_notice(&merchant(), webhook).await;
    handled.unwrap().fresh
}

#[tokio::test]
async fn a_notice_that_is_sent_twice_is_applied_once() {
    let host = TestHost::start();
    let order = sold(&host).await;
    let shipped = || vec![("n1", &order.id, parcel(&host, "f1", &[]))];
    assert_eq!(noticed(&host, shipped()).await, 1);
    assert_eq!(noticed(&host, shipped()).await, 0);
    let now = host.stored(&order.session).await;
    assert_eq!(now.order().unwrap().revision(), 2);
}

#[tokio::test]
async fn of_a_notice_what_fits_is_applied_and_what_contradicts_the_order_is_left_to_an_operator() {
    let host = TestHost::start();
    let order = sold(&host).await;
    let elsewhere = OrderId::new("sold-elsewhere");
    let changes = vec![
        ("n1", &elsewhere, parcel(&host, "f1", &[])),
        ("n2", &order.id, parcel(&host, "f1", &[("nothing", 1)])),
        ("n3", &order.id, OrderChangeKind::Status(OrderStatus::Processing)),
    ];
    assert_eq!(noticed(&host, changes).await, 1);
    let found = host.store.list_discrepancies(10).await.unwrap();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (&found.kind, found.subject.as_str()),
        (&DiscrepancyKind::OrderDiffers, &*format!("{}:n2", order.id))
    );
    assert_eq!(
        host.stored(&order.session).await.order().unwrap().status(),
        OrderStatus::Processing
    );
}

#[tokio::test]
async fn only_an_order_that_is_canceled_as_a_whole_releases_its_stock() {
    let host = TestHost::start();
    let released = async || {
        let filter = MessageFilter {
            limit: 100,
            ..MessageFilter::default()
        };
        let messages = host.store.list_messages(&filter).await.unwrap();
        messages
            .iter()
            .filter(|it| it.message.kind == MessageKind::ReleaseReservation)
            .count()
    };
    let shipped = host.with_order(1, 2, usd(1000)).await;
    changed(&host, &shipped, "1", parcel(&host, "f1", &[])).await;
    assert_eq!(released().await, 0);
    let canceled = host.with_order(2, 2, usd(1000)).await;
    changed(&host, &canceled, "1", cancellation(&host)).await;
    assert_eq!(released().await, 1);
}
