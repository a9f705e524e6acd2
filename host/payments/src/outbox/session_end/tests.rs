//! What the merchant's plugin is told of a session that ends without an order.

use std::time::Duration;

use tillhouse_checkout::decision::Attribution;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::operation::{CheckoutOperations as _, CreateRequest};
use tillhouse_checkout::outbox::{MessageClass, MessageKind};
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries as _};

use crate::outbox::delivery_pool::DeliveryPool;
use crate::testing::{TestHost, caller, completion, creation, merchant, recorder};

fn affiliate() -> Attribution {
    Attribution {
        touch: "first".into(),
        provider: "impact.example".into(),
        token: Some("atp_secret".into()),
        fields: vec![("campaign_id".into(), "summer".into())],
    }
}

fn trace() -> IntentTrace {
    IntentTrace {
        reason: "shipping_cost".into(),
        summary: Some("The buyer found the parcel too dear.".into()),
        metadata: vec![("compared_sites".into(), "3".into())],
    }
}

fn listening() -> TestHost {
    let host = TestHost::start();
    host.shop.set(|shop| shop.hears_session_ends = true);
    host
}

async fn attributed_session(host: &TestHost) -> SessionId {
    let request = CreateRequest {
        attribution: Some(affiliate()),
        ..creation()
    };
    host.session_of(request).await
}

async fn deliver(host: &TestHost) {
    let mut pool = DeliveryPool::of(MessageClass::Obligation);
    pool.begin_all_due(host.payments.outbox()).await;
    pool.settle().await;
}

async fn cancel(host: &TestHost, id: &SessionId) {
    host.api()
        .cancel(&caller(), id, Some(trace()), recorder())
        .await
        .unwrap();
}

async fn payloads(host: &TestHost) -> Vec<String> {
    let filter = MessageFilter {
        merchant: Some(merchant()),
        kind: Some(MessageKind::SessionEnded),
        limit: 10,
        ..Default::default()
    };
    let found = host.store.list_messages(&filter).await.unwrap();
    found.into_iter().map(|record| record.message.payload).collect()
}

#[tokio::test]
async fn a_canceled_session_is_told_with_the_agents_reason_and_the_affiliate() {
    let host = listening();
    let id = attributed_session(&host).await;
    cancel(&host, &id).await;
    deliver(&host).await;
    deliver(&host).await;
    let ends = host.shop.state().ends;
    let [(operation, end)] = ends.as_slice() else {
        panic!("{ends:?}")
    };
    assert_eq!(operation.id, format!("{id}:ended"));
    assert_eq!((end.how.as_str(), &end.trace), ("canceled", &Some(trace())));
    assert_eq!(end.attributions, [affiliate()]);
    assert_eq!(end.cart, host.stored(&id).await.cart);
}

#[tokio::test]
async fn an_expired_session_is_told_once_however_often_the_host_looks() {
    let host = listening();
    let id = attributed_session(&host).await;
    host.clock.advance(Duration::from_secs(365 * 24 * 3600));
    for _ in 0..3 {
        host.payments.expiry().run_once().await.unwrap();
        deliver(&host).await;
    }
    let ends = host.shop.state().ends;
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert_eq!((ends[0].1.how.as_str(), &ends[0].1.trace), ("expired", &None));
    assert_eq!(ends[0].0.idempotency_key, id.as_str());
}

#[tokio::test]
async fn a_plugin_that_does_not_answer_is_told_again_as_the_same_operation() {
    let host = listening();
    host.shop.set(|shop| shop.deaf = 1);
    let id = attributed_session(&host).await;
    cancel(&host, &id).await;
    deliver(&host).await;
    assert!(host.shop.state().ends.is_empty());
    host.clock.advance(Duration::from_secs(60));
    let host = host.restarted().await;
    deliver(&host).await;
    let ends = host.shop.state().ends;
    assert_eq!(ends.len(), 1);
    assert_eq!((ends[0].0.id.clone(), ends[0].0.attempt), (format!("{id}:ended"), 2));
}

#[tokio::test]
async fn a_message_names_the_session_and_nothing_that_the_agent_wrote() {
    let host = listening();
    let id = attributed_session(&host).await;
    cancel(&host, &id).await;
    assert_eq!(payloads(&host).await, [format!("\"{id}\"")]);
}

#[tokio::test]
async fn nothing_is_queued_for_a_plugin_that_does_not_listen_nor_for_a_session_that_is_paid() {
    let host = TestHost::start();
    let id = attributed_session(&host).await;
    cancel(&host, &id).await;
    host.shop.set(|shop| shop.hears_session_ends = true);
    let paid = host.session().await;
    host.complete(completion(&paid)).await.unwrap();
    assert!(payloads(&host).await.is_empty());
}
