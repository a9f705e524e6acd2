//! The shop of Adyen's document, through the sandbox's Adyen in both flows, and over the host's own agent API: what each side has sent,
//! and ledgers that agree.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::{
    DELEGATE_PATH, FinalizeBy, MerchantCall, MerchantConnection, MerchantFault, PaidBy, Party,
};
use tillhouse_sandbox::agent::{Basket, Purchase};
use tillhouse_tests::{AdyenSandbox, Merchant, TestHost};

/// Total of the document: 34900, 2967 tax, 799 shipping.
const TOTAL: i64 = 38_666;

async fn start() -> TestHost {
    TestHost::builder().merchant(Merchant::of_the_document()).start().await
}

fn basket() -> Basket {
    Basket::of("01", 1).paid_with("pm_card_adyen")
}

/// Who has sent what to whom, for one session.
fn steps(adyen: &AdyenSandbox<'_>, session: &str) -> Vec<(Party, Party, String, Option<u16>)> {
    let entries = adyen.transcript().into_iter();
    let shown = |path: &str| {
        let end = path
            .rfind("/agentic/sessions")
            .or_else(|| path.rfind("/checkout_sessions"));
        path[end.unwrap_or_default()..].replace(session, "{id}")
    };
    entries
        .map(|entry| (entry.from, entry.to, shown(&entry.path), entry.status))
        .collect()
}

fn step(from: Party, to: Party, path: &str, status: u16) -> (Party, Party, String, Option<u16>) {
    (from, to, path.to_owned(), Some(status))
}

fn assert_bought(purchase: &Purchase) {
    assert!(purchase.is_completed(), "{:#?}", purchase.exchanges);
    assert_eq!(purchase.total, TOTAL);
    let order = purchase.order_id.as_deref().unwrap();
    let permalink = purchase.order_permalink.as_deref().unwrap();
    assert_eq!(
        permalink,
        format!("https://www.merchant-company.example.com/orders/{order}")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_flow_is_walked() {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    let purchase = adyen.buy(&basket()).await;
    assert_bought(&purchase);
    let expected = [
        step(Party::Agent, Party::Adyen, "/checkout_sessions", 201),
        step(Party::Adyen, Party::Merchant, "/agentic/sessions/{id}", 200),
        step(Party::Vault, Party::Adyen, DELEGATE_PATH, 200),
        step(Party::Agent, Party::Adyen, "/checkout_sessions/{id}/complete", 200),
        step(Party::Adyen, Party::Merchant, "/agentic/sessions/{id}/commit", 200),
        step(Party::Adyen, Party::Merchant, "/agentic/sessions/{id}/finalize", 204),
    ];
    let before: Vec<_> = steps(&adyen, &purchase.session_id).into_iter().take(6).collect();
    assert_eq!(before, expected);
    let payments = adyen.payments_of(&purchase.session_id);
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].paid_by, payments[0].captured), (PaidBy::Adyen, TOTAL));
    assert_eq!(payments[0].order, purchase.order_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_advanced_flow_is_walked() {
    let host = start().await;
    let adyen = host.adyen_sandbox().advanced();
    let purchase = adyen.buy(&basket()).await;
    assert_bought(&purchase);
    let expected = [
        step(Party::Agent, Party::Adyen, "/checkout_sessions", 201),
        step(Party::Adyen, Party::Merchant, "/agentic/sessions/{id}", 200),
        step(Party::Vault, Party::Adyen, DELEGATE_PATH, 200),
        step(Party::Agent, Party::Adyen, "/checkout_sessions/{id}/complete", 200),
        step(Party::Adyen, Party::Merchant, "/agentic/sessions/{id}/payment", 204),
        step(Party::Merchant, Party::Adyen, "/v72/payments", 200),
    ];
    let before: Vec<_> = steps(&adyen, &purchase.session_id).into_iter().take(6).collect();
    assert_eq!(before, expected);
    let payments = adyen.payments_of(&purchase.session_id);
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].paid_by, payments[0].captured), (PaidBy::Merchant, TOTAL));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_own_agent_api_sells_the_same() {
    let host = start().await;
    let bought = host.adyen().buy(&[("01", 1)]).await;
    // Jane lives in California too.
    assert_eq!(bought.total("total"), TOTAL);
    let payments = host.sandbox.adyen.ledger().payments_of(bought.id());
    assert_eq!(
        (payments[0].paid_by, payments[0].captured),
        (PaidBy::Merchant, bought.total("total"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_reopens_the_session_in_both_flows() {
    let host = start().await;
    for advanced in [false, true] {
        let adyen = host.adyen_sandbox();
        let adyen = if advanced { adyen.advanced() } else { adyen };
        let declined = basket().paid_with("pm_card_chargeDeclined");
        let purchase = adyen.buy(&declined).await;
        assert_eq!(purchase.status, "ready_for_payment");
        let answer = &purchase.exchanges.last().unwrap().response;
        assert_eq!(answer["messages"][0]["code"], "PAYMENT_DECLINED");
        assert!(answer.get("order").is_none());
        assert_bought(&adyen.buy(&basket()).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_finalized_by_webhook() {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    let url = adyen.webhook_url();
    let adyen = adyen.connected(|connection| MerchantConnection {
        finalize_by: FinalizeBy::Webhook,
        webhook_url: Some(url),
        ..connection
    });
    let purchase = adyen.buy(&basket()).await;
    assert_bought(&purchase);
    let webhook = adyen
        .transcript()
        .into_iter()
        .find(|entry| entry.path.ends_with("/webhooks/processor"));
    let webhook = webhook.unwrap();
    assert_eq!((webhook.status, webhook.response), (Some(200), json!("[accepted]")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubled_finalize_is_one_order() {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    adyen.fail_next(MerchantCall::Finalize, MerchantFault::Doubled);
    let purchase = adyen.buy(&basket()).await;
    assert_bought(&purchase);
    let finalized = adyen
        .transcript()
        .into_iter()
        .filter(|entry| entry.path.ends_with("/finalize"));
    let statuses: Vec<Option<u16>> = finalized.map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(204), Some(204)]);
    assert_eq!(adyen.payments_of(&purchase.session_id).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_finalize_makes_the_order_when_it_arrives() {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    let mut log = Vec::new();
    let session = adyen.agent.prepare(&basket(), &mut log).await.unwrap();
    let token = adyen
        .agent
        .vault
        .delegate(&basket(), &session.id, &session.total().unwrap())
        .await
        .unwrap();
    adyen.fail_next(MerchantCall::Finalize, MerchantFault::Late);
    let token = token.response["id"].as_str().unwrap();
    let completed = adyen.agent.complete(&session.id, &basket(), token).await.unwrap();
    assert_eq!(completed.response["status"], "in_progress");
    let answers = host.sandbox.adyen.deliver_late().await;
    assert_eq!(answers[0].as_ref().unwrap().status, 204);
    let read = adyen.agent.retrieve(&session.id).await.unwrap();
    assert_eq!(read.response["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sold_out_item_is_refused_through_adyen() {
    let host = start().await;
    let adyen = host.adyen_sandbox();
    let refused = adyen.agent.create(&Basket::of("unknown", 1)).await.unwrap();
    assert_eq!(
        (refused.status, &refused.response["messages"][0]["code"]),
        (422, &json!("OUT_OF_STOCK"))
    );
    let called = adyen
        .call(MerchantCall::Commit, "cs_unknown", &Value::Null)
        .await
        .unwrap();
    assert_eq!(called.status, 404);
}
