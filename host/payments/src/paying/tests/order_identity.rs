//! A session keeps the identity of its order until an order is made of it.

use std::time::Duration;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::decision::{ChargeLookup, ChargeOutcome, OrderIdentity, VoidOutcome};
use tillhouse_checkout::ids::{AttemptId, ItemId, OrderId, SessionId};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::order::{Order, OrderProgress, OrderWrite};
use tillhouse_checkout::ports::Store;
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::testing::{ITEM, TestHost, approved, caller, completion, completion_with, merchant, profile, recorder, usd};

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

/// An approval under this reference of the processor.
fn approved_as(reference: &str) -> ChargeOutcome {
    let ChargeOutcome::Approved {
        minor,
        currency,
        captured,
        ..
    } = approved(usd(1000))
    else {
        unreachable!("it is approved")
    };
    ChargeOutcome::Approved {
        processor_reference: reference.to_owned(),
        minor,
        currency,
        captured,
    }
}

/// Another checkout makes an order with this id.
async fn order_made_elsewhere(host: &TestHost, order: &OrderIdentity) {
    let attempt = AttemptId::new("pa_another");
    let order = Order {
        id: OrderId::new(order.id.as_str()),
        number: None,
        permalink: order.permalink.clone(),
        merchant: merchant(),
        session: SessionId::new("cs_another"),
        attempt,
        total: usd(1000),
        created: host.clock.now(),
        progress: OrderProgress::default(),
    };
    let unit = UnitOfWork {
        order: Some(OrderWrite::new(order)),
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
}

#[tokio::test]
async fn an_order_that_could_not_be_made_does_not_keep_its_identity() {
    let host = TestHost::start();
    host.processor.set(|script| {
        script.profile = Some(profile());
        script.capabilities.void = true;
        script.voids.push_back(Ok(VoidOutcome::Voided));
    });
    let id = host.session().await;
    let shown = slow_payment(&host, &id).await;
    order_made_elsewhere(&host, &shown).await;
    let found = ChargeLookup::Found(approved_as("ch_voided"));
    host.processor.set(|script| script.lookups.push_back(found));
    for _ in ["found and refused", "voided"] {
        host.clock.advance(Duration::from_secs(600));
        assert_eq!(host.payments.recovery().run_once().await, 1);
    }
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
    let paid = completed(&host, &id).await;
    assert_ne!(paid, shown.id, "the buyer is charged for an order that can be made");
}

#[tokio::test]
async fn an_identity_that_another_checkout_has_taken_meanwhile_is_replaced() {
    let host = TestHost::start();
    let (mine, yours) = (host.session().await, host.session().await);
    let shown = slow_payment(&host, &mine).await;
    is_declined(&host).await;
    host.shop.set(|shop| shop.identity = Some(shown.clone()));
    assert_eq!(completed(&host, &yours).await, shown.id);
    host.shop.set(|shop| shop.identity = None);
    let again = (approved_as("ch_2"), WireEvidence::Answered);
    host.processor.set(|script| script.charges.push_back(again));
    let paid = host.complete(completion_with(&mine, "spt_3")).await.unwrap();
    assert!(matches!(paid, CheckoutResponse::Fresh(_)), "{paid:?}");
    let attempts = host.attempts(&mine).await;
    assert_ne!(attempts.last().unwrap().order.id, shown.id);
}
