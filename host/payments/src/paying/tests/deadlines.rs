//! The time of a caller: what is not finished in it changes nothing.

use std::time::Duration;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, CreateRequest, ResponseRecorder};
use tillhouse_checkout::ports::WorkQueue;
use tillhouse_checkout::session::{Agent, SessionState};
use tillhouse_checkout::time::Timestamp;

use crate::testing::{Gate, ITEM, TestHost, caller, completion, completion_with, recorder};

/// A recorder whose caller was told that there was no time.
fn too_late() -> ResponseRecorder {
    let deadline = Deadline::default();
    assert!(deadline.give_up());
    ResponseRecorder { deadline, ..recorder() }
}

fn edit(quantity: u32) -> CartEdit {
    CartEdit {
        items: Some(vec![RequestedItem {
            item: ItemId::new(ITEM),
            quantity,
        }]),
        ..CartEdit::default()
    }
}

#[tokio::test]
async fn a_create_after_its_time_stores_nothing() {
    let host = TestHost::start();
    let request = CreateRequest {
        caller: caller(),
        id: None,
        currency: None,
        edit: edit(1),
        agent: Agent::default(),
        attribution: None,
        saved_cart: None,
    };
    let error = host.api().checkout().create(request, too_late()).await.unwrap_err();
    assert!(matches!(error, CheckoutError::DeadlineExceeded(_)), "{error}");
    let stored = host.store.overdue_sessions(Timestamp(i64::MAX.unsigned_abs()), 10);
    assert_eq!(stored.await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_update_or_a_cancel_after_its_time_leaves_the_session_as_it_was() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await;
    let updated = host.checkout.update(&caller(), &id, edit(3), too_late()).await;
    let canceled = host.checkout.cancel(&caller(), &id, None, too_late()).await;
    for error in [updated.unwrap_err(), canceled.unwrap_err()] {
        assert!(matches!(error, CheckoutError::DeadlineExceeded(_)), "{error}");
    }
    assert_eq!(host.stored(&id).await, before);
    host.checkout.update(&caller(), &id, edit(3), recorder()).await.unwrap();
}

#[tokio::test]
async fn a_completion_that_is_not_reserved_in_time_is_not_begun_afterwards() {
    let host = TestHost::start();
    let id = host.session().await;
    let gate = Gate::default();
    host.shop.set(|shop| shop.gate = Some(gate.clone()));
    let hurried = CompleteRequest {
        deadline: Some(Duration::from_millis(1)),
        ..completion(&id)
    };
    let (answer, ()) = tokio::join!(host.complete(hurried), gate.reached.notified());
    let error = answer.unwrap_err();
    assert!(matches!(error, CheckoutError::DeadlineExceeded(_)), "{error}");

    gate.opened.notify_one();
    assert_eq!(host.payments.paying().drain(Duration::from_secs(60)).await, 0);
    assert!(host.attempts(&id).await.is_empty());
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
}

/// Its own payment was not begun: the one in progress is paid with another token.
#[tokio::test]
async fn a_completion_whose_time_ends_while_another_token_pays_is_told_so() {
    let host = TestHost::start();
    let id = host.session().await;
    let gate = Gate::default();
    host.shop.set(|shop| shop.gate = Some(gate.clone()));
    let hurried = CompleteRequest {
        deadline: Some(Duration::from_secs(2)),
        ..completion_with(&id, "spt_hurried")
    };
    let meanwhile = async {
        gate.reached.notified().await;
        let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
        host.processor.set(|script| script.charges.push_back(no_answer));
        host.complete(completion_with(&id, "spt_other")).await.unwrap()
    };
    let (answer, other) = tokio::join!(host.complete(hurried), meanwhile);
    assert!(matches!(other, CheckoutResponse::InProgress(_)), "{other:?}");
    let error = answer.unwrap_err();
    assert!(matches!(error, CheckoutError::OtherTokenInFlight), "{error}");
    assert_eq!(host.attempts(&id).await.len(), 1);
    gate.opened.notify_one();
}
