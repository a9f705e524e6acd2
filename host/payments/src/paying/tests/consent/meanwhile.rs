//! What happens to a session while it is being completed.

use super::*;

/// Begins a completion, does something when its quote is made, and lets it go on.
async fn meanwhile<T>(host: &TestHost, id: &SessionId, work: impl Future<Output = T>) -> Result<(), CheckoutError> {
    let gate = Gate::default();
    host.shop.set(|shop| shop.gate = Some(gate.clone()));
    let interrupt = async {
        gate.reached.notified().await;
        work.await;
        gate.opened.notify_one();
    };
    let (paid, ()) = tokio::join!(host.complete(completion(id)), interrupt);
    paid.map(drop)
}

#[tokio::test]
async fn a_read_that_shows_the_same_does_not_stop_a_completion() {
    let host = host();
    let id = host.session().await;
    let before = host.stored(&id).await.revision;
    let reading = async {
        host.clock.advance(Duration::from_secs(61));
        read(&host, &id).await;
        assert!(
            before < host.stored(&id).await.revision,
            "the read has quoted the session again"
        );
    };
    meanwhile(&host, &id, reading).await.unwrap();
    assert_eq!(attempt(&host, &id).await.amount, usd(1100));
}

#[tokio::test]
async fn a_read_that_shows_another_quote_stops_a_completion() {
    let host = host();
    let id = host.session().await;
    let reading = async {
        host.clock.advance(Duration::from_secs(61));
        host.shop.set(|shop| shop.offer.fee = Some(("handling", 100)));
        read(&host, &id).await;
    };
    let refused = meanwhile(&host, &id, reading).await.unwrap_err();
    assert!(refused.must_read_again(), "{refused}");
    assert!(host.attempts(&id).await.is_empty());
}

#[tokio::test]
async fn an_update_that_leaves_the_quote_as_it_is_stops_a_completion_too() {
    let host = host();
    let id = host.session().await;
    let noted = CartEdit {
        locale: Some("de-DE".into()),
        ..CartEdit::default()
    };
    let updating = async { host.api().update(&caller(), &id, noted, recorder()).await.unwrap() };
    let refused = meanwhile(&host, &id, updating).await.unwrap_err();
    assert!(refused.must_read_again(), "{refused}");
    assert!(host.attempts(&id).await.is_empty());
}

#[tokio::test]
async fn an_answer_that_came_too_late_was_not_shown() {
    let host = host();
    let id = host.session().await;
    host.shop.set(|shop| shop.price = 900);
    host.clock.advance(Duration::from_secs(61));
    read(&host, &id).await;
    host.api().mark_not_shown(&caller(), &id).await.unwrap();
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::MustReadAgain), "{refused}");
}

#[tokio::test]
async fn marketing_consents_are_those_of_the_completion_that_pays() {
    let host = TestHost::start();
    let id = host.session().await;
    decline(&host);
    let agreed = CompleteRequest {
        consents: vec![Consent {
            channel: "email".into(),
            granted: true,
        }],
        ..completion(&id)
    };
    host.complete(agreed).await.unwrap_err();
    let answer = host.complete(completion_with(&id, "spt_2")).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::Fresh(_)), "{answer:?}");
    assert_eq!(host.stored(&id).await.consents, []);
}
