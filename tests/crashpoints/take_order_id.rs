//! Makes an order impossible by taking its id for another checkout.

use std::path::Path;
use std::sync::Arc;

use tillhouse_checkout::ids::{AttemptId, OrderId, SessionId};
use tillhouse_checkout::order::{Order, OrderProgress, OrderWrite};
use tillhouse_checkout::ports::{AttemptFilter, OperatorQueries, Store};
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_store::sqlite::{SqliteSettings, SqliteStore};
use tillhouse_tests::TestClock;

/// Gives the id of the order that is being paid to another checkout.
pub(crate) async fn take_order_id(store: &Path) {
    let clock = Arc::new(TestClock::of_the_machine());
    let store = SqliteStore::open(&SqliteSettings::new(store), clock).unwrap();
    let all = AttemptFilter {
        limit: 1,
        ..AttemptFilter::default()
    };
    let attempt = store.list_attempts(&all).await.unwrap().remove(0);
    let taken = Order {
        id: OrderId::new(attempt.order.id.as_str()),
        number: None,
        permalink: attempt.order.permalink.clone(),
        merchant: attempt.merchant.clone(),
        session: SessionId::new("cs_another"),
        attempt: AttemptId::new("pa_another"),
        total: attempt.amount,
        created: attempt.initiated,
        progress: OrderProgress::default(),
    };
    let unit = UnitOfWork {
        order: Some(OrderWrite::new(taken)),
        ..UnitOfWork::default()
    };
    store.commit(unit).await.unwrap();
    store.close().await;
}
