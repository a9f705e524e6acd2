//! The answer to a declined payment where the protocol shows the session: it is rendered and recorded in the commit that ends the attempt.

use std::sync::Arc;

use tillhouse_checkout::attempt::{AttemptStatus, WireEvidence};
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::{CartEdit, Change};
use tillhouse_checkout::contact::{Recipient, RecipientEdit};
use tillhouse_checkout::decision::{ChargeOutcome, RiskDecision};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::operation::{
    CheckoutOperations as _, CheckoutResponse, CompleteRequest, CreateRequest, RenderFn, ResponseRecorder,
};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Clock as _;

use crate::testing::{TestHost, address, caller, completion, completion_with, creation, key, recorder};

fn decline(host: &TestHost) {
    let declined = ChargeOutcome::Declined {
        code: "do_not_honor".into(),
        retryable: true,
    };
    host.processor
        .set(|script| script.charges.push_back((declined, WireEvidence::Answered)));
}

/// Answers with the state of the session and the code of its message.
fn showing(name: Option<&str>) -> ResponseRecorder {
    let declined: RenderFn = Arc::new(|session| {
        let said = session.last_payment_error.as_ref();
        let code = said.and_then(|said| said.code.clone()).unwrap_or_default();
        Reply {
            status: 200,
            body: format!("{} {code}", session.state.name()).into_bytes(),
        }
    });
    ResponseRecorder {
        key: name.map(key),
        ..recorder().showing_declined(declined)
    }
}

fn body(response: &CheckoutResponse) -> String {
    match response {
        CheckoutResponse::Fresh(reply) => String::from_utf8(reply.body.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_declined_payment_is_answered_with_the_open_session_and_recorded_with_its_end() {
    let host = TestHost::start();
    let id = host.session().await;
    decline(&host);
    let answer = host.payments.paying.complete(completion(&id), showing(Some("k"))).await;
    assert_eq!(body(&answer.unwrap()), "open payment_declined");
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
    assert_eq!(host.attempts(&id).await[0].status(), AttemptStatus::Declined);
    let store = &host.checkout.store;
    let record = store
        .idempotency(&key("k").scope, host.clock.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.reply.body, b"open payment_declined");
}

#[tokio::test]
async fn a_declined_token_that_is_sent_again_gets_the_session_and_no_new_attempt() {
    let host = TestHost::start();
    let id = host.session().await;
    decline(&host);
    for _ in 0..2 {
        let answer = host.payments.paying.complete(completion(&id), showing(None)).await;
        assert_eq!(body(&answer.unwrap()), "open payment_declined");
    }
    assert_eq!(host.attempts(&id).await.len(), 1);
    let paid = host
        .payments
        .paying
        .complete(completion_with(&id, "spt_2"), showing(None))
        .await;
    assert_eq!(body(&paid.unwrap()), "completed");
}

#[tokio::test]
async fn a_key_that_another_host_has_recorded_does_not_keep_the_attempt_from_ending() {
    let host = TestHost::start();
    let id = host.session().await;
    let elsewhere = key("k").record(Reply {
        status: 200,
        body: b"elsewhere".to_vec(),
    });
    host.api().record_response(elsewhere).await.unwrap();
    decline(&host);
    let answer = host.payments.paying.complete(completion(&id), showing(Some("k"))).await;
    assert_eq!(body(&answer.unwrap()), "open payment_declined");
    assert_eq!(host.attempts(&id).await[0].status(), AttemptStatus::Declined);
}

#[tokio::test]
async fn what_stops_a_payment_before_its_charge_is_an_error() {
    let host = TestHost::start();
    let id = host.session().await;
    host.shop.set(|shop| shop.risk = RiskDecision::Block("velocity".into()));
    let refused = host.payments.paying.complete(completion(&id), showing(None)).await;
    assert!(matches!(refused, Err(CheckoutError::Declined { .. })), "{refused:?}");
    assert_eq!(host.stored(&id).await.state, SessionState::Open);
}

#[tokio::test]
async fn goods_are_billed_to_where_they_are_sent_only_where_the_protocol_says_so() {
    for (protocol, given, billed) in [
        (Protocol::AdyenAgent, None, Some("FR")),
        (Protocol::AdyenAgent, Some(address("US")), Some("US")),
        (Protocol::Acp, None, None),
    ] {
        let host = TestHost::start();
        let by = Caller {
            protocol: protocol.clone(),
            ..caller()
        };
        let made = creation();
        let id = host
            .session_of(CreateRequest {
                caller: by.clone(),
                edit: CartEdit {
                    recipient: Change::Set(RecipientEdit::Whole(Recipient {
                        address: Some(address("FR")),
                        ..Recipient::default()
                    })),
                    ..made.edit.clone()
                },
                ..made
            })
            .await;
        let request = CompleteRequest {
            caller: by,
            billing: given,
            ..completion(&id)
        };
        host.payments.paying.complete(request, recorder()).await.unwrap();
        let attempt = host.attempts(&id).await.remove(0);
        let country = attempt.billing.map(|address| address.country);
        assert_eq!(country.as_deref(), billed, "{protocol:?}");
    }
}
