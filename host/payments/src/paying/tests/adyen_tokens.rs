//! Opaque tokens of Adyen: charged by the processor as they are, once.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::attempt::{AttemptStatus, WireEvidence};
use tillhouse_checkout::credential::CredentialForm;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::{SessionId, TokenId};
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};

use crate::testing::{TestHost, completion, profile, recorder};

const TOKEN: &str = "acp_tok_Ab1cDeF2GhI";

fn paying(session: &SessionId) -> CompleteRequest {
    CompleteRequest {
        token: PaymentToken {
            issuer: IssuerName::Adyen,
            id: TokenId::new(TOKEN),
        },
        ..completion(session)
    }
}

fn charged(host: &TestHost) -> Vec<Option<String>> {
    host.processor.read(|script| script.processor_tokens.clone())
}

#[tokio::test]
async fn a_token_reaches_the_processor_as_it_was_sent_and_pays_one_session() {
    let host = TestHost::start();
    host.processor
        .set(|script| script.forms = vec![CredentialForm::ProcessorToken]);
    let (id, other) = (host.session().await, host.session().await);
    let done = host.complete(paying(&id)).await.unwrap();
    assert!(matches!(done, CheckoutResponse::Fresh(_)), "{done:?}");
    let refused = host.complete(paying(&other)).await.unwrap_err();
    assert!(
        matches!(refused, CheckoutError::Token(PaymentTokenError::Unknown)),
        "{refused}"
    );
    assert_eq!(charged(&host), [Some(TOKEN.to_owned())]);
    assert_eq!(host.tokens.resolved(), [], "Stripe is not asked");
}

#[tokio::test]
async fn a_processor_that_takes_no_tokens_of_its_own_is_not_called() {
    let host = TestHost::start();
    host.processor.set(|script| script.forms = vec![CredentialForm::Number]);
    let id = host.session().await;
    let refused = host.complete(paying(&id)).await.unwrap_err();
    let expected = PaymentTokenError::UnsupportedCredential {
        what: "a token of a processor".to_owned(),
        consumed: false,
    };
    assert!(
        matches!(&refused, CheckoutError::Token(error) if *error == expected),
        "{refused}"
    );
    assert_eq!(charged(&host), []);
}

/// The processor says that it knows no such token: a card was not declined, and that is not what is shown.
#[tokio::test]
async fn a_token_that_the_processor_does_not_know_is_refused_and_another_one_pays() {
    let host = TestHost::start();
    host.processor
        .set(|script| script.forms = vec![CredentialForm::ProcessorToken]);
    let id = host.session().await;
    let unknown = ChargeOutcome::Declined {
        code: "invalid_token".into(),
        retryable: false,
    };
    host.processor
        .set(|script| script.charges.push_back((unknown, WireEvidence::Answered)));
    for _ in 0..2 {
        let recorder = recorder().showing_declined(Arc::new(|_| unreachable!("nothing was declined")));
        let refused = host.payments.paying.complete(paying(&id), recorder).await.unwrap_err();
        assert!(
            matches!(refused, CheckoutError::Token(PaymentTokenError::Unknown)),
            "{refused}"
        );
    }
    assert_eq!(charged(&host).len(), 1, "the same token is not charged again");
    let other = CompleteRequest {
        token: PaymentToken {
            issuer: IssuerName::Adyen,
            id: TokenId::new("acp_tok_2"),
        },
        ..paying(&id)
    };
    let done = host.complete(other).await.unwrap();
    assert!(matches!(done, CheckoutResponse::Fresh(_)), "{done:?}");
}

#[tokio::test]
async fn after_a_crash_the_same_token_is_charged_under_the_same_attempt() {
    let host = TestHost::start();
    let no_answer = (ChargeOutcome::Unknown(None), WireEvidence::FullRequest);
    host.processor.set(|script| script.charges.push_back(no_answer));
    let id = host.session().await;
    let answer = host.complete(paying(&id)).await.unwrap();
    assert!(matches!(answer, CheckoutResponse::InProgress(_)), "{answer:?}");
    let host = host.restarted().await;
    host.processor.set(|script| script.profile = Some(profile()));
    // The processor does not know the charge, which proves nothing yet; the fourth time it is sent again.
    for _ in 0..4 {
        host.clock.advance(Duration::from_secs(60));
        assert_eq!(host.payments.recovery().run_once().await, 1);
    }
    assert_eq!(charged(&host), [Some(TOKEN.to_owned())]);
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Approved);
}
