//! What an allowance has to say, and how long a card is kept by it.

use super::*;

#[tokio::test]
async fn an_allowance_that_does_not_fit_is_refused_by_its_member() {
    let scene = Box::pin(Scene::begin()).await;
    type Change = fn(&mut DelegationRequest);
    let changes: [(Change, &str); 4] = [
        (
            |request| request.allowance.session = SessionId::new("cs_other"),
            "checkout_session_id",
        ),
        (
            |request| {
                request.caller = Caller {
                    principal: Some("other".into()),
                    ..caller()
                }
            },
            "checkout_session_id",
        ),
        (|request| request.allowance.limit = usd(0), "max_amount"),
        (|request| request.allowance.expires = START, "expires_at"),
    ];
    for (change, member) in changes {
        let mut request = scene.request();
        change(&mut request);
        // A vault of its own, so that no limit is reached.
        let vault = vault(&scene.host, VaultKeys::new(key("one", 1), Vec::new()));
        let refused = vault.delegate(request, recorder(None)).await.unwrap_err();
        assert!(
            matches!(&refused, DelegationError::Allowance { field, .. } if *field == member),
            "{member}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_answered_as_one_that_never_was() {
    let scene = Box::pin(Scene::begin()).await;
    let mut unknown = scene.request();
    unknown.allowance.session = SessionId::new("cs_other");
    let unknown = scene.delegate(unknown).await.unwrap_err();
    let checkout = &scene.host.checkout;
    let canceled = checkout
        .cancel(&caller(), &scene.session, None, crate::testing::recorder())
        .await;
    assert!(canceled.is_ok(), "{canceled:?}");
    assert_eq!(scene.delegate(scene.request()).await.unwrap_err(), unknown);
}

#[tokio::test]
async fn a_card_is_kept_no_longer_than_the_vault_keeps_cards() {
    let scene = Box::pin(Scene::begin()).await;
    for (allowed, kept) in [(600, 600), (365 * 86_400, 3600)] {
        let mut request = scene.request();
        request.allowance.expires = START.after(Duration::from_secs(allowed));
        let render = |delegated: &DelegatedPayment| Reply {
            status: 200,
            body: delegated.expires.rfc3339().into_bytes(),
        };
        let recorder = DelegationRecorder {
            key: None,
            render: Arc::new(render),
        };
        let reply = scene.vault.delegate(request, recorder).await.unwrap();
        let expires = START.after(Duration::from_secs(kept)).rfc3339();
        assert_eq!(String::from_utf8(reply.body).unwrap(), expires);
    }
}
