//! The merchant's risk decision is taken before the payment token is used, and binds.

use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::{HttpResponse, Protocol, TestHost, fixtures, witness};

use super::eventually::{assert_charged_once, assert_not_charged};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn deciding(decision: &str) -> TestHost {
    let merchant = witness::merchant("demo", &format!("risk = \"{decision}\""));
    witness::builder().merchant(merchant).start().await
}

async fn ready(host: &TestHost, protocol: Protocol) -> (HttpResponse, String) {
    let session = protocol.create(host, ITEM, "usd", &fixtures::address()).await;
    let session = session.is("ready_for_payment");
    let token = host.token(session.total("total")).await;
    (session, token)
}

async fn pay(host: &TestHost, protocol: Protocol, session: &HttpResponse, token: &str) -> HttpResponse {
    protocol.pay(host, session.id(), &protocol.payment(token)).await
}

/// Asserts that the token was not consumed: once the merchant allows the order, the same token pays it.
async fn pays_when_allowed(mut host: TestHost, protocol: Protocol, session: &HttpResponse, token: &str) {
    assert_not_charged(&host);
    assert_eq!(host.charges(), 0);
    assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 0);
    host.restart_as(witness::merchant("demo", "risk = \"allow\"")).await;
    let _ = pay(&host, protocol, session, token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn an_order_that_is_allowed_or_reviewed_is_charged() {
    for decision in ["allow", "review"] {
        let host = deciding(decision).await;
        let (session, token) = ready(&host, Protocol::StripeAcs).await;
        let _ = pay(&host, Protocol::StripeAcs, &session, &token)
            .await
            .expect(200)
            .is("completed");
        assert_charged_once(&host, session.total("total")).await;
    }
}

#[tokio::test]
async fn a_challenge_charges_nothing_and_asks_for_an_authentication_of_the_buyer() {
    for protocol in Protocol::ALL {
        let host = deciding("challenge").await;
        let (session, token) = ready(&host, protocol).await;
        for _ in 0..2 {
            let refused = pay(&host, protocol, &session, &token).await;
            let refused = refused.refused(400, "requires_3ds");
            assert!(
                !refused.text().contains("as the test says"),
                "the reason is the operator's"
            );
        }
        let open = protocol.retrieve(&host, session.id()).await.expect(200);
        let open = open.is("ready_for_payment");
        assert_eq!(open["totals"], session["totals"], "{protocol:?}");
        pays_when_allowed(host, protocol, &session, &token).await;
    }
}

#[tokio::test]
async fn a_blocked_order_is_a_decline_without_a_reason_and_touches_no_token() {
    for protocol in Protocol::ALL {
        let host = deciding("block").await;
        let (session, token) = ready(&host, protocol).await;
        let refused = pay(&host, protocol, &session, &token).await;
        let refused = refused.refused(402, "payment_declined");
        for word in ["as the test says", "risk"] {
            assert!(!refused.text().contains(word), "{}", refused.text());
        }
        assert_not_charged(&host);
        assert_eq!(host.sandbox.stripe.received(Operation::Resolve), 0, "{protocol:?}");
    }
}
