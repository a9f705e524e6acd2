//! Sessions have an owner: every operation of any other caller answers as for a session that does not exist.

mod refusals;
mod saved_carts;

use std::time::Duration;

use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::merchant::{Merchant, Merchants};
use tillhouse_checkout::operation::{CheckoutOperations, CompleteRequest, CreateRequest};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::CheckoutApi;
use crate::testing::{TestHost, caller, completion, creation, merchant, recorder};

fn api(host: &TestHost) -> CheckoutApi {
    CheckoutApi::new(host.checkout.clone(), host.payments.clone())
}

fn named(protocol: Protocol, principal: Option<&str>) -> Caller {
    Caller {
        protocol,
        principal: principal.map(Into::into),
        ..caller()
    }
}

/// Every operation on a session but its creation, by this caller.
async fn errors_of(api: &CheckoutApi, by: &Caller, id: &SessionId) -> Vec<CheckoutError> {
    let paid = CompleteRequest {
        caller: by.clone(),
        ..completion(id)
    };
    vec![
        api.retrieve(by, id).await.unwrap_err(),
        api.update(by, id, CartEdit::default(), recorder()).await.unwrap_err(),
        api.complete(paid, recorder()).await.unwrap_err(),
        api.cancel(by, id, None, recorder()).await.unwrap_err(),
        api.mark_not_shown(by, id).await.unwrap_err(),
    ]
}

/// The session as an earlier release of the host stored it: without its protocol, and with this principal.
async fn stored_before(host: &TestHost, id: &SessionId, principal: Option<&str>) {
    let mut session: Session = host.stored(id).await;
    let replaces = Some(session.revision);
    session.revision += 1;
    session.protocol = None;
    session.agent.principal = principal.map(Into::into);
    let unit = UnitOfWork {
        session: Some(SessionWrite {
            session: Box::new(session),
            replaces,
        }),
        ..UnitOfWork::default()
    };
    host.checkout.store.commit(unit).await.unwrap();
}

#[tokio::test]
async fn every_operation_of_another_caller_answers_as_if_there_were_no_session() {
    let host = TestHost::start();
    let id = host.session().await;
    let before = host.stored(&id).await;
    for by in [
        named(Protocol::Acp, Some("another")),
        named(Protocol::Acp, None),
        named(Protocol::StripeAcs, Some("agent")),
        named(Protocol::StripeAcs, None),
    ] {
        for error in errors_of(&api(&host), &by, &id).await {
            assert!(
                matches!(&error, CheckoutError::UnknownSession(unknown) if *unknown == id),
                "{by:?}: {error}"
            );
        }
    }
    assert_eq!(host.stored(&id).await, before);
    assert!(host.attempts(&id).await.is_empty());
    api(&host).complete(completion(&id), recorder()).await.unwrap();
}

#[tokio::test]
async fn a_session_of_before_there_were_owners_is_held_to_its_principal_over_every_protocol() {
    let host = TestHost::start();
    for (principal, owners, others) in [
        (
            Some("agent"),
            [
                named(Protocol::Acp, Some("agent")),
                named(Protocol::StripeAcs, Some("agent")),
            ],
            [named(Protocol::Acp, Some("another")), named(Protocol::StripeAcs, None)],
        ),
        (
            None,
            [named(Protocol::StripeAcs, None), named(Protocol::Acp, None)],
            [
                named(Protocol::Acp, Some("agent")),
                named(Protocol::StripeAcs, Some("agent")),
            ],
        ),
    ] {
        let id = host.session().await;
        stored_before(&host, &id, principal).await;
        for owner in owners {
            assert_eq!(api(&host).retrieve(&owner, &id).await.unwrap().id, id, "{owner:?}");
        }
        for other in others {
            let errors = errors_of(&api(&host), &other, &id).await;
            let unknown = |error: &CheckoutError| matches!(error, CheckoutError::UnknownSession(_));
            assert!(errors.iter().all(unknown), "{other:?}: {errors:?}");
        }
        api(&host)
            .cancel(&named(Protocol::StripeAcs, principal), &id, None, recorder())
            .await
            .unwrap();
        assert_eq!(host.stored(&id).await.state, SessionState::Canceled);
    }
}

#[tokio::test]
async fn sharing_is_among_the_principals_of_one_protocol_of_the_merchant() {
    let host = TestHost::start();
    let id = host.session().await;
    let mut shared = api(&host);
    let merchants: Merchants = [Merchant {
        shares_sessions: true,
        ..host.checkout.merchants.get(&merchant()).unwrap().clone()
    }]
    .into_iter()
    .collect();
    shared.checkout.merchants = merchants.into();
    let found = shared.retrieve(&named(Protocol::Acp, Some("another")), &id).await;
    assert_eq!(found.unwrap().id, id);
    let hook = shared.retrieve(&named(Protocol::StripeAcs, Some("agent")), &id).await;
    assert!(matches!(hook, Err(CheckoutError::UnknownSession(_))));
    let elsewhere = Caller {
        merchant: MerchantId::new("elsewhere"),
        ..caller()
    };
    assert!(shared.retrieve(&elsewhere, &id).await.is_err());
}

#[tokio::test]
async fn an_agent_has_only_so_many_open_sessions_and_others_are_not_affected() {
    let host = TestHost::start();
    let mut limited = api(&host);
    let merchants: Merchants = [Merchant {
        max_open_sessions: 2,
        ..host.checkout.merchants.get(&merchant()).unwrap().clone()
    }]
    .into_iter()
    .collect();
    limited.checkout.merchants = merchants.into();
    let create = async |by: &Caller| {
        let request = CreateRequest {
            caller: by.clone(),
            id: None,
            ..creation()
        };
        limited.create(request, recorder()).await
    };
    let first = host.session().await;
    create(&caller()).await.unwrap();
    let refused = create(&caller()).await.unwrap_err();
    let CheckoutError::TooManyOpenSessions { limit: 2, .. } = &refused else {
        panic!("{refused}")
    };
    assert!(refused.to_string().contains("complete or cancel some"), "{refused}");
    create(&named(Protocol::Acp, Some("another"))).await.unwrap();
    create(&named(Protocol::StripeAcs, None)).await.unwrap();
    limited.cancel(&caller(), &first, None, recorder()).await.unwrap();
    host.clock.advance(Duration::from_secs(2));
    create(&caller()).await.unwrap();
    assert!(create(&caller()).await.is_err());
}
