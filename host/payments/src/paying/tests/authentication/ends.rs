//! How a payment ends that waits for the buyer: by a result that permits no charge, by time, and by the agent.

use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyScope, Reply};
use tillhouse_checkout::operation::{CheckoutOperations, ResponseRecorder};
use tillhouse_checkout::outbox::MessageKind;
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries as _, Store as _};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::*;
use crate::testing::{caller, completion_with, merchant, recorder};

const FAILED: [AuthenticationOutcome; 9] = [
    AuthenticationOutcome::Abandoned,
    AuthenticationOutcome::Canceled,
    AuthenticationOutcome::Denied,
    AuthenticationOutcome::Failed,
    AuthenticationOutcome::InternalError,
    AuthenticationOutcome::NotSupported,
    AuthenticationOutcome::ProcessingError,
    AuthenticationOutcome::Rejected,
    AuthenticationOutcome::Unavailable,
];

/// What became of the attempt, by who had asked for the authentication.
fn ended(asking: Asking) -> AttemptStatus {
    match asking {
        Asking::BeforeTheCharge => AttemptStatus::Failed,
        Asking::AtTheCharge => AttemptStatus::Declined,
    }
}

#[tokio::test]
async fn every_other_outcome_is_no_charge_by_name() {
    for outcome in FAILED {
        for asking in Asking::BOTH {
            let (host, id) = waiting(asking).await;
            let before = charges(&host).len();
            // The details of a failed authentication change nothing.
            let request = CompleteRequest {
                authentication: Some(result(outcome)),
                ..completion(&id)
            };
            let refused = host.complete(request).await.unwrap_err();
            assert!(
                matches!(refused, CheckoutError::AuthenticationFailed(named) if named == outcome),
                "{refused}"
            );
            let session = host.stored(&id).await;
            assert_eq!(session.state, SessionState::Open);
            let told = session.last_payment_error.unwrap().text;
            assert!(
                told.contains(outcome.name()) && told.contains("Nothing was charged"),
                "{told}"
            );
            let attempt = only_attempt(&host, &id).await;
            assert_eq!(attempt.status(), ended(asking));
            assert_eq!(charges(&host).len(), before);
            assert_eq!(
                session.kept_order,
                Some(attempt.order),
                "the next payment makes the same order"
            );
        }
    }
}

#[tokio::test]
async fn a_token_pays_again_after_a_failed_authentication_if_it_was_not_resolved() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        let denied = CompleteRequest {
            authentication: Some(result(AuthenticationOutcome::Denied)),
            ..completion(&id)
        };
        host.complete(denied).await.unwrap_err();
        let again = host.complete(completion(&id)).await;
        match asking {
            Asking::BeforeTheCharge => assert_eq!(shown(&again.unwrap()), "completed"),
            Asking::AtTheCharge => {
                assert!(matches!(again, Err(CheckoutError::Declined { .. })), "{again:?}");
                let other = host.complete(completion_with(&id, "spt_2")).await.unwrap();
                assert_eq!(shown(&other), "completed");
            }
        }
    }
}

#[tokio::test]
async fn a_payment_whose_time_is_over_ends_and_releases_its_stock() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        host.clock.advance(Duration::from_secs(15 * 60 - 1));
        assert_eq!(host.payments.recovery().run_once().await, 0, "not due yet");
        host.clock.advance(Duration::from_secs(1));
        assert_eq!(host.payments.recovery().run_once().await, 1);
        assert_eq!(only_attempt(&host, &id).await.status(), ended(asking));
        let session = host.stored(&id).await;
        assert_eq!(session.state, SessionState::Open);
        let told = session.last_payment_error.unwrap().text;
        assert!(told.contains("time"), "{told}");
    }
}

#[tokio::test]
async fn a_result_that_comes_too_late_charges_nothing_and_ends_the_payment() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    host.clock.advance(Duration::from_secs(15 * 60));
    let refused = host.complete(authenticated(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::AuthenticationExpired), "{refused}");
    assert_eq!(charges(&host).len(), 1);
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
    assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Declined);
}

async fn messages_of(host: &TestHost, kind: MessageKind) -> usize {
    let filter = MessageFilter {
        merchant: Some(merchant()),
        kind: Some(kind),
        limit: 10,
        ..Default::default()
    };
    host.store.list_messages(&filter).await.unwrap().len()
}

#[tokio::test]
async fn an_agent_may_cancel_and_the_payment_ends_with_its_session() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        host.shop.set(|shop| shop.hears_session_ends = true);
        let before = charges(&host).len();
        let canceled = host.api().cancel(&caller(), &id, None, recorder()).await.unwrap();
        assert_eq!(shown(&canceled), "canceled");
        assert_eq!(messages_of(&host, MessageKind::SessionEnded).await, 1);
        assert_eq!(host.stored(&id).await.state, SessionState::Canceled);
        assert_eq!(only_attempt(&host, &id).await.status(), ended(asking));
        let late = host.complete(authenticated(&id)).await.unwrap_err();
        assert!(matches!(late, CheckoutError::InvalidState { .. }), "{late}");
        assert_eq!(charges(&host).len(), before);
    }
}

#[tokio::test]
async fn a_payment_that_could_not_be_canceled_is_the_buyers_again() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    let key = IdempotencyKey {
        scope: IdempotencyScope {
            merchant: merchant(),
            principal: "agent".into(),
            endpoint: "cancel".into(),
            key: "key_1".into(),
        },
        fingerprint: [1; 32],
        expires: START.after(Duration::from_secs(3600)),
    };
    let earlier = UnitOfWork {
        idempotency: Some(key.record(Reply {
            status: 200,
            body: b"of another host".to_vec(),
        })),
        ..UnitOfWork::default()
    };
    host.store.commit(earlier).await.unwrap();
    let again = ResponseRecorder {
        key: Some(key),
        ..recorder()
    };
    let answer = host.api().cancel(&caller(), &id, None, again).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::Replay(_)), "{answer:?}");
    assert!(matches!(
        host.stored(&id).await.state,
        SessionState::AuthenticationRequired { .. }
    ));
    let paid = host.complete(authenticated(&id)).await.unwrap();
    assert_eq!(shown(&paid), "completed", "at once, without waiting for a lease");
}
