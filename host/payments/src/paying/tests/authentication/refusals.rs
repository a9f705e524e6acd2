//! What is refused while a payment waits for the buyer, and of agents that cannot ask the buyer. Nothing changes.

use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::decision::Consent;

use super::*;
use crate::testing::{address, caller, completion_with, recorder};

/// Asserts that the payment still waits, and can be made.
async fn still_waits(host: &TestHost, id: &SessionId, before: usize) {
    let attempt = only_attempt(host, id).await;
    assert_eq!(attempt.status(), AttemptStatus::AuthenticationRequired);
    assert_eq!(charges(host).len(), before);
    let paid = host.complete(authenticated(id)).await.unwrap();
    assert_eq!(shown(&paid), "completed");
}

#[tokio::test]
async fn a_completion_without_the_result_is_told_what_is_missing() {
    for asking in Asking::BOTH {
        let (host, id) = waiting(asking).await;
        let before = charges(&host).len();
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(
            matches!(refused, CheckoutError::AuthenticationResultMissing),
            "{refused}"
        );
        still_waits(&host, &id, before).await;
    }
}

#[tokio::test]
async fn another_token_or_other_details_are_refused_by_name() {
    let (host, id) = waiting(Asking::BeforeTheCharge).await;
    let result = authenticated(&id).authentication;
    let other_token = CompleteRequest {
        authentication: result.clone(),
        ..completion_with(&id, "spt_2")
    };
    let other_address = CompleteRequest {
        billing: Some(address("DE")),
        ..authenticated(&id)
    };
    let other_consents = CompleteRequest {
        consents: vec![Consent {
            channel: "email".into(),
            granted: true,
        }],
        ..authenticated(&id)
    };
    for (request, what) in [
        (other_token, "payment token"),
        (completion_with(&id, "spt_2"), "payment token"),
        (other_address, "billing address"),
        (other_consents, "consents"),
    ] {
        let refused = host.complete(request).await.unwrap_err();
        assert!(matches!(refused, CheckoutError::AuthenticationPending(_)), "{refused}");
        assert!(refused.to_string().contains(what), "{refused}");
    }
    still_waits(&host, &id, 0).await;
}

#[tokio::test]
async fn an_update_is_refused_and_names_the_ways_out() {
    let (host, id) = waiting(Asking::BeforeTheCharge).await;
    let edit = CartEdit::default();
    let refused = host
        .checkout
        .update(&caller(), &id, edit, recorder())
        .await
        .unwrap_err();
    let told = refused.to_string();
    assert!(matches!(refused, CheckoutError::AuthenticationPending(_)), "{told}");
    assert!(told.contains("complete") && told.contains("cancel"), "{told}");
    still_waits(&host, &id, 0).await;
}

#[tokio::test]
async fn an_agent_that_cannot_authenticate_is_declined_by_name() {
    for asking in Asking::BOTH {
        let host = TestHost::start();
        let id = host.session().await;
        ask(&host, asking);
        let refused = host.complete(completion(&id)).await.unwrap_err();
        assert!(matches!(refused, CheckoutError::AuthenticationRequired), "{refused}");
        let session = host.stored(&id).await;
        assert_eq!(session.state, SessionState::Open);
        let told = session.last_payment_error.unwrap();
        assert_eq!(told.code.as_deref(), Some("requires_3ds"));
        let wanted = match asking {
            Asking::BeforeTheCharge => AttemptStatus::Failed,
            Asking::AtTheCharge => AttemptStatus::Declined,
        };
        assert_eq!(only_attempt(&host, &id).await.status(), wanted);
    }
}

#[tokio::test]
async fn an_action_that_no_agent_can_have_its_buyer_do_is_a_decline_by_name() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    let redirect = (action_required("redirect"), WireEvidence::Answered);
    host.processor.set(|script| script.charges.push_back(redirect));
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Declined { .. }), "{refused}");
    let told = host.stored(&id).await.last_payment_error.unwrap();
    assert!(told.text.contains("(redirect)"), "{}", told.text);
}

#[tokio::test]
async fn a_processor_that_asks_again_after_the_authentication_has_declined() {
    let (host, id) = waiting(Asking::AtTheCharge).await;
    ask(&host, Asking::AtTheCharge);
    let refused = host.complete(authenticated(&id)).await.unwrap_err();
    let CheckoutError::Declined { code } = refused else {
        panic!("{refused}")
    };
    assert_eq!(code, "authentication_not_accepted");
    assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Declined);
    assert_eq!(charges(&host).len(), 2);
}

#[tokio::test]
async fn without_an_answer_of_the_processor_there_is_no_charge() {
    let host = TestHost::start();
    let id = host.session_with_3ds().await;
    host.processor
        .set(|script| script.requirements.push_back(Err(crate::testing::unavailable())));
    let refused = host.complete(completion(&id)).await.unwrap_err();
    assert!(matches!(refused, CheckoutError::Decision(_)), "{refused}");
    assert!(charges(&host).is_empty() && host.tokens.resolved().is_empty());
    assert_eq!(only_attempt(&host, &id).await.status(), AttemptStatus::Failed);
}
