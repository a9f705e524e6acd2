//! Tokens that change between our own calls, and what they are resolved to.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::credential::CredentialForm;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::inbox::{EventSource, InboxEvent, TokenDeactivation};
use tillhouse_checkout::operation::CheckoutResponse;
use tillhouse_checkout::session::SessionState;

use crate::testing::{Gate, START, TestHost, active, completion, completion_with};
use crate::token::{GrantedToken, TokenError};

/// What Stripe reports of the token `spt_1` to a merchant.
async fn deactivate(host: &TestHost, merchant: &str, reason: &str) -> bool {
    let merchant = MerchantId::new(merchant);
    let event = InboxEvent {
        source: EventSource::Stripe(merchant.clone()),
        id: format!("evt_{reason}"),
        merchant,
        kind: "shared_payment.granted_token.deactivated".into(),
        payload: "{}".into(),
        received: START,
    };
    let token = TokenDeactivation {
        token: TokenId::new("spt_1"),
        reason: reason.into(),
    };
    host.payments
        .recovery()
        .keep_deactivation(&event, &token)
        .await
        .unwrap()
}

fn unavailable() -> TokenError {
    TokenError::Unavailable {
        detail: "no answer".into(),
        retry_after: None,
    }
}

fn token_error(error: CheckoutError) -> PaymentTokenError {
    match error {
        CheckoutError::Token(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_that_is_deactivated_after_it_was_read_is_not_resolved() {
    for (reason, expected) in [
        ("revoked", PaymentTokenError::Deactivated),
        ("resolved", PaymentTokenError::Deactivated),
        ("consumed", PaymentTokenError::Deactivated),
        ("a reason of tomorrow", PaymentTokenError::Deactivated),
        ("expired", PaymentTokenError::Expired),
    ] {
        let host = Arc::new(TestHost::start());
        let id = host.session().await;
        let gate = Gate::default();
        host.tokens.set(|script| script.gate = Some(gate.clone()));
        let payment = tokio::spawn({
            let (host, request) = (Arc::clone(&host), completion(&id));
            async move { host.complete(request).await }
        });
        gate.reached.notified().await;
        assert!(!deactivate(&host, "acme", reason).await);
        gate.opened.notify_one();

        let refused = payment.await.unwrap().unwrap_err();
        assert_eq!(token_error(refused), expected, "{reason}");
        assert_eq!(host.tokens.resolved(), [], "{reason}");
        let [attempt] = host.attempts(&id).await.try_into().unwrap();
        assert_eq!(
            (attempt.status(), attempt.token_unused()),
            (AttemptStatus::Failed, true)
        );
        let session = host.stored(&id).await;
        assert_eq!(session.state, SessionState::Open);
        assert_ne!(
            session.last_payment_error.unwrap().code.as_deref(),
            Some("payment_declined")
        );
    }
}

#[tokio::test]
async fn a_token_that_was_deactivated_before_the_completion_pays_nothing_whatever_a_read_says() {
    let host = TestHost::start();
    let id = host.session().await;
    deactivate(&host, "acme", "revoked").await;
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert_eq!(token_error(refused), PaymentTokenError::Deactivated);
    assert_eq!(host.tokens.resolved(), []);
    let other = completion_with(&id, "spt_2");
    assert!(matches!(
        host.complete(other).await.unwrap(),
        CheckoutResponse::Fresh(_)
    ));
}

#[tokio::test]
async fn what_stripe_tells_another_merchant_does_not_stop_a_payment() {
    let host = TestHost::start();
    let id = host.session().await;
    deactivate(&host, "other", "revoked").await;
    assert!(matches!(
        host.complete(completion(&id)).await.unwrap(),
        CheckoutResponse::Fresh(_)
    ));
}

#[tokio::test]
async fn a_deactivation_after_the_charge_changes_nothing_and_is_told_apart() {
    let host = TestHost::start();
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    assert!(deactivate(&host, "acme", "resolved").await, "a payment has resolved it");
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Approved);
}

#[tokio::test]
async fn the_resolve_of_the_host_itself_does_not_stop_its_repetition() {
    let host = TestHost::start();
    let id = host.session().await;
    host.tokens.set(|script| script.resolves.push_back(Err(unavailable())));
    // A host that stops waits for no retry: the first resolve has no answer, and recovery repeats it.
    host.payments.paying().drain(Duration::ZERO).await;
    let postponed = host.complete(completion(&id)).await.unwrap();
    assert!(matches!(postponed, CheckoutResponse::InProgress(_)), "{postponed:?}");
    deactivate(&host, "acme", "resolved").await;
    host.clock.advance(Duration::from_secs(60));
    assert_eq!(host.payments.recovery().run_once().await, 1);
    let keys = host.tokens.resolved();
    assert_eq!(keys.len(), 2, "resolved again");
    assert_eq!(keys[0], keys[1], "under the same key");
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Approved);
}

#[tokio::test]
async fn a_token_that_is_known_to_stand_for_what_the_processor_does_not_take_is_not_resolved() {
    for token in [
        GrantedToken {
            forms: vec![CredentialForm::Encrypted],
            ..active("spt_1")
        },
        GrantedToken {
            method: Some("klarna".into()),
            ..active("spt_1")
        },
    ] {
        let host = TestHost::start();
        host.processor.set(|script| script.forms = vec![CredentialForm::Number]);
        let id = host.session().await;
        host.tokens.set(|script| script.reads.push_back(Ok(token)));
        let refused = token_error(host.complete(completion(&id)).await.unwrap_err());
        assert!(
            matches!(
                refused,
                PaymentTokenError::UnsupportedCredential { consumed: false, .. }
            ),
            "{refused}"
        );
        assert_eq!(host.tokens.resolved(), []);
    }
}

#[tokio::test]
async fn an_encrypted_card_goes_to_a_processor_that_takes_it_and_is_refused_for_good_by_another() {
    const ENCRYPTED: &[&str] = &["encryption-type", "encrypted-block"];
    for (taken, slots, pays) in [
        (vec![CredentialForm::Encrypted], ENCRYPTED, true),
        (vec![CredentialForm::Number, CredentialForm::Encrypted], ENCRYPTED, true),
        (vec![CredentialForm::Number], &["number", "encrypted-block"], true),
        // What fills in no card may charge what is on file.
        (vec![], ENCRYPTED, true),
        (vec![CredentialForm::Number], ENCRYPTED, false),
        (vec![CredentialForm::Encrypted], &["number"], false),
        (vec![CredentialForm::ProcessorToken], ENCRYPTED, false),
    ] {
        let host = TestHost::start();
        host.processor.set(|script| script.forms = taken.clone());
        host.tokens.set(|script| script.resolves.push_back(Ok(slots.to_vec())));
        let id = host.session().await;
        let done = host.complete(completion(&id)).await;
        let charged = host.processor.read(|script| script.orders.len());
        if pays {
            assert!(matches!(done, Ok(CheckoutResponse::Fresh(_))), "{taken:?}: {done:?}");
            continue;
        }
        assert_eq!(charged, 0);
        let refused = token_error(done.unwrap_err());
        assert!(
            matches!(refused, PaymentTokenError::UnsupportedCredential { consumed: true, .. }),
            "{refused}"
        );
        let told = host.stored(&id).await.last_payment_error.unwrap();
        assert_eq!(told.code.as_deref(), Some("unsupported"));
        assert!(
            told.text.contains("othing was charged, but the token was consumed"),
            "{}",
            told.text
        );
    }
}

#[tokio::test]
async fn a_resolved_token_without_a_card_is_refused_for_good() {
    let host = TestHost::start();
    let id = host.session().await;
    host.tokens.set(|script| {
        script
            .resolves
            .push_back(Err(TokenError::NoCredential("it has no credentials")))
    });
    let refused = token_error(host.complete(completion(&id)).await.unwrap_err());
    assert_eq!(refused, PaymentTokenError::NoCredential("it has no credentials"));
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(
        (attempt.status(), attempt.token_unused()),
        (AttemptStatus::Failed, false)
    );
    let again = host.complete(completion(&id)).await.unwrap_err();
    assert_eq!(token_error(again), PaymentTokenError::ConsumedByEarlierAttempt);
}
