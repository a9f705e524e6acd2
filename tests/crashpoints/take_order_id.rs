//! Makes an order impossible by taking its id for another checkout.

use std::path::Path;
use std::sync::Arc;

use tillhouse_checkout::ports::{AttemptFilter, OperatorQueries, Store};
use tillhouse_store::sqlite::{SqliteSettings, SqliteStore};
use tillhouse_tests::TestClock;
use tillhouse_tests::orders::order_of_another;

/// Gives the id of the order that is being paid to another checkout.
pub(crate) async fn take_order_id(store: &Path) {
    let clock = Arc::new(TestClock::of_the_machine());
    let store = SqliteStore::open(&SqliteSettings::new(store), clock).unwrap();
    let all = AttemptFilter {
        limit: 1,
        ..AttemptFilter::default()
    };
    let attempt = store.list_attempts(&all).await.unwrap().remove(0);
    store.commit(order_of_another(&attempt)).await.unwrap();
    store.close().await;
}
