//! Completions at the same moment.

use std::sync::Arc;
use std::time::Duration;

use tillhouse_checkout::attempt::WireEvidence;
use tillhouse_checkout::decision::ChargeOutcome;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutOperations, CheckoutResponse, CompleteRequest};

use crate::testing::{Gate, TestHost, caller, completion, completion_with, usd};
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

/// A completion that waited for one whose time was over, and what happened while it waited.
async fn takes_its_turn_after(host: &Arc<TestHost>, request: CompleteRequest, meanwhile: impl Future) -> Answer {
    let gate = Gate::default();
    host.shop.set(|shop| shop.gate = Some(gate.clone()));
    let hurried = CompleteRequest {
        deadline: Some(Duration::from_millis(1)),
        ..request.clone()
    };
    let (first, ()) = tokio::join!(host.complete(hurried), gate.reached.notified());
    let error = first.unwrap_err();
    assert!(matches!(error, CheckoutError::DeadlineExceeded(_)), "{error}");
    let second = {
        let (host, request) = (Arc::clone(host), request.clone());
        tokio::spawn(async move { host.complete(request).await })
    };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // The store does one thing after the other: the session was read for the duplicate.
    host.stored(&request.session).await;
    meanwhile.await;
    host.shop.set(|shop| shop.gate = None);
    gate.opened.notify_one();
    second.await.unwrap()
}

#[tokio::test]
async fn a_duplicate_does_not_pay_a_price_that_was_shown_after_it_was_sent() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let poll = async {
        host.shop.set(|shop| shop.price = 2000);
        host.clock.advance(Duration::from_secs(61));
        let shown = host.api().retrieve(&caller(), &id).await.unwrap();
        assert_eq!(shown.total(), usd(2000));
    };
    let refused = takes_its_turn_after(&host, completion(&id), poll).await.unwrap_err();
    assert!(refused.must_read_again(), "{refused}");
    let retried = host.complete(completion(&id)).await.unwrap_err();
    assert!(retried.must_read_again(), "a retry is not consent: {retried}");
    assert!(host.attempts(&id).await.is_empty());
    host.api().retrieve(&caller(), &id).await.unwrap();
    host.complete(completion(&id)).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.amount, usd(2000));
}

#[tokio::test]
async fn a_duplicate_pays_what_a_read_showed_again_as_it_was() {
    let host = Arc::new(TestHost::start());
    let id = host.session().await;
    let request = CompleteRequest {
        billing: Some(crate::testing::address("US")),
        ..completion(&id)
    };
    let poll = async {
        host.clock.advance(Duration::from_secs(61));
        host.api().retrieve(&caller(), &id).await.unwrap();
    };
    takes_its_turn_after(&host, request, poll).await.unwrap();
    let [attempt] = host.attempts(&id).await.try_into().unwrap();
    assert_eq!(attempt.amount, usd(1000));
}
