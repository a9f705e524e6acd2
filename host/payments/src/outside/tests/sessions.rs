//! Sessions that the party names itself, and their end.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::operation::CreateRequest;
use tillhouse_checkout::session::SessionState;

use super::{body, creation_of, paid, party, question, session_id, with_hold, with_session};
use crate::testing::{ITEM, TestHost, recorder, usd};

pub(super) fn with_two() -> CreateRequest {
    CreateRequest {
        edit: CartEdit {
            items: Some(vec![RequestedItem {
                item: ItemId::new(ITEM),
                quantity: 2,
            }]),
            ..CartEdit::default()
        },
        ..creation_of(&session_id())
    }
}

#[tokio::test]
async fn the_first_request_creates_the_session_under_its_id_and_the_next_changes_it() {
    let host = with_session().await;
    assert_eq!(host.held().await.total(), usd(1000));
    let outside = host.payments.outside();
    Box::pin(outside.upsert(with_two(), recorder())).await.unwrap();
    let session = host.held().await;
    assert_eq!((session.total(), session.revision), (usd(2000), 2));
}

#[tokio::test]
async fn two_first_requests_at_once_make_one_session() {
    let host = TestHost::start();
    let (first, second) = tokio::join!(host.upsert(), host.upsert());
    assert_eq!(
        (body(&first.unwrap()), body(&second.unwrap())),
        ("open".into(), "open".into())
    );
    assert_eq!(host.held().await.total(), usd(1000));
}

#[tokio::test]
async fn a_session_of_another_owner_is_not_touched() {
    let host = TestHost::start();
    let own = host.session().await;
    let before = host.stored(&own).await;
    let request = creation_of(&own);
    let answer = Box::pin(host.payments.outside().upsert(request, recorder())).await;
    assert!(matches!(answer, Err(CheckoutError::ForeignSession(id)) if id == own));
    assert_eq!(host.stored(&own).await, before);
    let stranger = Caller {
        principal: Some("another".into()),
        ..party()
    };
    host.upsert().await.unwrap();
    let request = CreateRequest {
        caller: stranger.clone(),
        ..creation_of(&session_id())
    };
    let answer = Box::pin(host.payments.outside().upsert(request, recorder())).await;
    assert!(matches!(answer, Err(CheckoutError::ForeignSession(_))));
    let mut report = paid("psp_1");
    report.caller = stranger;
    let unknown = host.report(report).await;
    assert!(matches!(unknown, Err(CheckoutError::UnknownSession(_))));
}

#[tokio::test]
async fn a_session_keeps_its_currency() {
    let host = with_session().await;
    let request = CreateRequest {
        currency: Some(Currency::new("eur").unwrap()),
        ..creation_of(&session_id())
    };
    let answer = Box::pin(host.payments.outside().upsert(request, recorder())).await;
    assert!(matches!(answer, Err(CheckoutError::Currency { .. })), "{answer:?}");
    assert_eq!(host.held().await.revision, 1);
}

#[tokio::test]
async fn a_change_of_a_held_session_releases_the_hold() {
    let host = with_hold().await;
    let answer = Box::pin(host.payments.outside().upsert(with_two(), recorder())).await;
    assert_eq!(body(&answer.unwrap()), "open");
    let session = host.held().await;
    assert_eq!((session.total(), session.last_payment_error), (usd(2000), None));
    assert_eq!(host.last_attempt().await.status(), AttemptStatus::Failed);
    host.hold(question(&session_id())).await.unwrap();
    assert_eq!(host.last_attempt().await.amount, usd(2000));
    assert_eq!(host.attempts(&session_id()).await.len(), 2);
}

#[tokio::test]
async fn a_cancel_ends_a_session_and_what_is_held_of_it_and_may_be_repeated() {
    for host in [with_session().await, with_hold().await] {
        for _ in 0..2 {
            assert_eq!(body(&host.cancel_held().await.unwrap()), "canceled");
        }
        assert_eq!(host.state().await, "canceled");
        let attempts = host.attempts(&session_id()).await;
        assert!(attempts.iter().all(|attempt| attempt.status() == AttemptStatus::Failed));
        assert!(host.discrepancies().await.is_empty());
    }
}

#[tokio::test]
async fn a_completed_session_cannot_be_canceled_or_changed() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    for answer in [host.cancel_held().await, host.upsert().await] {
        assert!(
            matches!(answer, Err(CheckoutError::InvalidState { state: "completed", .. })),
            "{answer:?}"
        );
    }
    assert!(matches!(host.held().await.state, SessionState::Completed { .. }));
}
