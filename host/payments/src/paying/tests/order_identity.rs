//! A session keeps the identity of its order until an order is made of it.

use std::time::Duration;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::decision::{ChargeLookup, ChargeOutcome, OrderIdentity};
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::session::SessionState;

use crate::testing::{ITEM, TestHost, caller, completion, completion_with, recorder};

fn declined() -> ChargeOutcome {
    ChargeOutcome::Declined {
        code: "insufficient_funds".into(),
        retryable: false,
    }
}

/// A payment whose charge has no answer: the agent is shown the identity of the order.
async fn slow_payment(host: &TestHost, id: &SessionId) -> OrderIdentity {
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| script.charges.push_back(no_answer));
    let answer = host.complete(completion(id)).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::InProgress(_)), "{answer:?}");
    match host.stored(id).await.state {
        SessionState::Committing { order, .. } => *order,
        other => panic!("{other:?}"),
    }
}

/// The processor declines the charge at last.
async fn is_declined(host: &TestHost) {
    host.processor
        .set(|script| script.lookups.push_back(ChargeLookup::Found(declined())));
    host.clock.advance(Duration::from_secs(60));
    assert_eq!(host.payments.recovery().run_once().await, 1);
}

async fn completed(host: &TestHost, id: &SessionId) -> String {
    let paid = host.complete(completion_with(id, "spt_2")).await.unwrap();
    assert!(matches!(paid, CheckoutResponse::Fresh(_)), "{paid:?}");
    match host.stored(id).await.state {
        SessionState::Completed { order } => {
            assert!(order.permalink.ends_with(order.id.as_str().trim_start_matches("ord_")));
            order.id.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_declined_payment_leaves_its_order_identity_to_the_next_one() {
    let host = TestHost::start();
    let id = host.session().await;
    let shown = slow_payment(&host, &id).await;
    is_declined(&host).await;
    assert_eq!(completed(&host, &id).await, shown.id);
    assert_eq!(host.shop.state().drafts.len(), 1, "the plugin is asked once");
}

#[tokio::test]
async fn a_restart_and_a_change_of_the_cart_keep_the_order_identity() {
    let host = TestHost::start();
    let id = host.session().await;
    let shown = slow_payment(&host, &id).await;
    let host = host.restarted().await;
    is_declined(&host).await;
    let two = CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity: 2,
        }]),
        ..CartEdit::default()
    };
    host.checkout.update(&caller(), &id, two, recorder()).await.unwrap();
    assert_eq!(completed(&host, &id).await, shown.id);
}

#[tokio::test]
async fn two_failed_payments_have_one_order_identity_and_two_sessions_have_two() {
    let host = TestHost::start();
    let (mine, yours) = (host.session().await, host.session().await);
    for token in ["spt_a", "spt_b"] {
        let answered = (declined(), WireEvidence::Answered);
        host.processor.set(|script| script.charges.push_back(answered));
        host.complete(completion_with(&mine, token)).await.unwrap_err();
    }
    let attempts = host.attempts(&mine).await;
    assert_eq!(attempts[0].order, attempts[1].order);
    assert_ne!(
        attempts[0].reference, attempts[1].reference,
        "each charge has a reference of its own"
    );
    let paid = completed(&host, &mine).await;
    assert_eq!(paid, attempts[0].order.id);
    host.complete(completion_with(&yours, "spt_c")).await.unwrap();
    assert_ne!(host.attempts(&yours).await[0].order.id, paid);
}
