//! A refund in the middle of crashes: an operator asks until the host accepts it, always under the same id.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tillhouse_checkout::ids::OrderId;
use tillhouse_payments::operator::refunds::RefundOrder;
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::crashpoints::Shop;

use crate::agent::Agent;

/// What is refunded of the order, in cents.
pub(crate) const REFUND: i64 = 500;

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks for the refund of the agent's order until the host accepts it.
pub(crate) async fn ask(shop: &Shop, agent: &Agent) {
    let operator = AdminClient::new(shop.store().join("admin.sock"));
    let request = RefundOrder {
        merchant: None,
        order: OrderId::new(order_of(shop, agent.session())),
        id: "R1".to_owned(),
        amount: Some(format!("{}.{:02}", REFUND / 100, REFUND % 100)),
        lines: Vec::new(),
        reason: Some("It came broken.".to_owned()),
        code: None,
        actor: "ada".to_owned(),
    };
    while operator.send(&request).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}

/// Read from the store, because the host may crash at any time.
fn order_of(shop: &Shop, session: &str) -> String {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = Connection::open_with_flags(shop.store().join("tillhouse.db"), flags).unwrap();
    let order = db.query_row("SELECT id FROM orders WHERE session = ?1", [session], |row| row.get(0));
    order.expect("the session is completed")
}
