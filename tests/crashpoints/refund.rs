//! A refund in the middle of crashes: an operator asks until the host accepts it, always under the same id.

use std::time::Duration;

use tillhouse_checkout::ids::OrderId;
use tillhouse_payments::operator::refunds::RefundOrder;
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::Acp;
use tillhouse_tests::crashpoints::Shop;

use crate::agent::Agent;

/// What is refunded of the order, in cents.
pub(crate) const REFUND: i64 = 500;

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks for the refund of the agent's order until the host accepts it.
pub(crate) async fn ask(shop: &Shop, agent: &Agent, acp: &Acp<'_>) {
    let shown = acp.retrieve(agent.session()).await.expect(200).is("completed");
    let order = shown["order"]["id"].as_str().expect("the session shows an order id");
    let operator = AdminClient::new(shop.store().join("admin.sock"));
    let request = RefundOrder {
        merchant: None,
        order: OrderId::new(order),
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
