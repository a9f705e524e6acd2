//! A completion with a proof that does not get as far as its charge: the proof was in memory only, so that the payment waits again.

use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CommitError, Store, WorkQueue};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::*;
use crate::token::TokenError;

/// What a host commits of a completion before its charge, as one leaves it that dies then.
pub(super) async fn dies_after(host: &TestHost, id: &SessionId, resolving: bool) {
    let session = host.stored(id).await;
    let waiting = session.live_attempt().unwrap();
    let attempt = host.store.attempt(waiting).await.unwrap().unwrap();
    let holder = LeaseHolder {
        host: host.payments.host().clone(),
        lease: Duration::from_secs(30),
    };
    let leased = host.store.lease_attempt(&holder, &attempt.id).await.unwrap().unwrap();
    let write = leased.authenticated(result(AuthenticationOutcome::Authenticated).proof());
    let reserved = write.attempt().clone();
    let order: OrderIdentity = attempt.order.clone();
    let unit = UnitOfWork {
        session: Some(SessionWrite {
            replaces: Some(session.revision),
            session: Box::new(Session {
                revision: session.revision + 1,
                state: SessionState::Committing {
                    attempt: attempt.id.clone(),
                    order: Box::new(order),
                },
                ..session
            }),
        }),
        attempt: Some(write),
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
    if resolving {
        let destination = "acme-processor api=https://api.processor.example".to_owned();
        let unit = UnitOfWork {
            attempt: Some(reserved.resolving(destination, None)),
            ..UnitOfWork::default()
        };
        let committed = host.store.commit(unit).await;
        // A token that an earlier attempt has resolved: the host dies before it has told the agent.
        assert!(
            matches!(committed, Ok(()) | Err(CommitError::TokenUsed)),
            "{committed:?}"
        );
    }
}

#[tokio::test]
async fn a_payment_whose_host_died_with_the_proof_is_not_charged_without_it_and_waits_again() {
    for asking in Asking::BOTH {
        for resolving in [false, true] {
            let (host, id) = waiting(asking).await;
            let sent = charges(&host).len();
            dies_after(&host, &id, resolving).await;
            let host = host.restarted().await;
            assert_eq!(host.payments.recovery().run_once().await, 1);
            let attempt = only_attempt(&host, &id).await;
            let case = format!("{asking:?} {resolving}");
            assert_eq!(attempt.status(), AttemptStatus::AuthenticationRequired, "{case}");
            assert_eq!(attempt.history.proof, None, "{case}");
            assert_eq!(
                attempt.waits_with_resolved_token(),
                asking == Asking::AtTheCharge || resolving,
                "{case}"
            );
            assert_eq!(host.stored(&id).await.state.name(), "authentication_required");
            assert_eq!(
                charges(&host).len(),
                0,
                "{case}: by this host, after {sent} of the other"
            );
            let paid = host.complete(authenticated(&id)).await.unwrap();
            assert_eq!(shown(&paid), "completed", "{case}");
            assert_eq!(charges(&host).len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_token_service_without_an_answer_leaves_the_payment_waiting_and_the_buyer_need_not_authenticate_again() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        let silent = || {
            Err(TokenError::Unavailable {
                detail: "503".into(),
                retry_after: Some(Duration::from_secs(3600)),
            })
        };
        host.tokens.set(|script| script.resolves.push_back(silent()));
        let before = charges(&host).len();
        let refused = host.complete(authenticated(&id)).await.unwrap_err();
        assert!(matches!(refused, CheckoutError::TokenService { .. }), "{refused}");
        let attempt = only_attempt(&host, &id).await;
        assert_eq!(attempt.status(), AttemptStatus::AuthenticationRequired);
        assert!(attempt.waits_with_resolved_token(), "it may have been resolved");
        let paid = host.complete(authenticated(&id)).await.unwrap();
        assert_eq!(shown(&paid), "completed", "{asking:?}");
        assert_eq!(charges(&host).len(), before + 1);
        let keys: Vec<_> = host.tokens.resolved().into_iter().map(|(_, key)| key).collect();
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_after_the_authentication_ends_the_payment() {
    let (host, id) = waiting(Asking::BeforeTheCharge).await;
    let expired = GrantedToken {
        deactivated: Some("expired".into()),
        ..active("spt_1")
    };
    host.tokens.set(|script| script.reads.push_back(Ok(expired)));
    let refused = host.complete(authenticated(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Token(_)), "{refused}");
    assert!(charges(&host).is_empty());
    assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Failed);
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
}
