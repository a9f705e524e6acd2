//! Completions at the same moment.

use std::sync::Arc;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest};

use crate::testing::{Gate, TestHost, completion, completion_with};
use crate::token::TokenError;

const COUNT: usize = 10;

type Answer = Result<CheckoutResponse, CheckoutError>;

/// Ten completions, all of which have begun before the first can end.
async fn at_once(host: &Arc<TestHost>, requests: Vec<CompleteRequest>) -> Vec<Answer> {
    let gate = Gate::default();
    host.tokens.set(|script| script.gate = Some(gate.clone()));
    let begin = |request| {
        let host = Arc::clone(host);
        tokio::spawn(async move { host.complete(request).await })
    };
    let mut requests = requests.into_iter();
    let mut payments: Vec<_> = requests.by_ref().take(1).map(begin).collect();
    gate.reached.notified().await;
    payments.extend(requests.map(begin));
    // A test has one thread: each of the others runs until it waits for something.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    host.tokens.set(|script| script.gate = None);
    gate.opened.notify_one();
    let mut answers = Vec::new();
    for payment in payments {
        answers.push(payment.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn duplicates_of_a_payment_have_its_outcome() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let answers = at_once(&host, vec![completion(&id); COUNT]).await;
    for answer in answers {
        assert!(matches!(answer, Ok(CheckoutResponse::Fresh(_))), "{answer:?}");
    }
    assert_eq!(host.attempts(&id).await.len(), 1);
    assert_eq!(host.processor.read(|script| script.orders.len()), 1);
}

#[tokio::test]
async fn duplicates_of_a_failed_payment_fail_in_the_same_way() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    host.tokens
        .set(|script| script.reads.push_back(Err(TokenError::Unknown)));
    for answer in at_once(&host, vec![completion(&id); COUNT]).await {
        let error = answer.unwrap_err();
        assert!(error.to_string().contains("token is unknown"), "{error:?}");
    }
    assert_eq!(host.attempts(&id).await.len(), 1);
}

#[tokio::test]
async fn duplicates_of_a_declined_payment_are_declined() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let declined = ChargeOutcome::Declined {
        code: "expired_card".into(),
        retryable: false,
    };
    host.processor
        .set(|script| script.charges.push_back((declined, WireEvidence::Answered)));
    for answer in at_once(&host, vec![completion(&id); COUNT]).await {
        assert!(matches!(answer, Err(CheckoutError::Declined { .. })), "{answer:?}");
    }
    assert_eq!(host.processor.read(|script| script.orders.len()), 1);
}

#[tokio::test]
async fn another_token_at_the_same_moment_is_no_duplicate_and_is_not_touched() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let requests = vec![completion(&id), completion_with(&id, "spt_2")];
    let answers: [Answer; 2] = at_once(&host, requests).await.try_into().unwrap();
    let [first, second] = answers;
    assert!(matches!(first, Ok(CheckoutResponse::Fresh(_))), "{first:?}");
    let refused = second.unwrap_err();
    assert!(matches!(refused, CheckoutError::OtherTokenInFlight), "{refused:?}");
    assert!(host.tokens.resolved().iter().all(|(token, _)| token == "spt_1"));
}

#[tokio::test]
async fn a_duplicate_that_says_something_else_is_told_what_became_of_the_payment() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let other = CompleteRequest {
        billing: Some(crate::testing::address("US")),
        ..completion(&id)
    };
    let answers: [Answer; 2] = at_once(&host, vec![completion(&id), other]).await.try_into().unwrap();
    let [first, second] = answers;
    assert!(matches!(first, Ok(CheckoutResponse::Fresh(_))), "{first:?}");
    assert!(matches!(second, Ok(CheckoutResponse::InProgress(_))), "{second:?}");
    assert_eq!(host.attempts(&id).await.len(), 1);
}
