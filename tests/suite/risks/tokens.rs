//! A token pays only what it grants, once, until it expires.

use std::time::Duration;

use serde_json::json;
use tillhouse_sandbox::{Fault, stripe};
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, TestHost};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn frozen() -> TestHost {
    TestHost::builder().frozen().timings(fast_timings()).start().await
}

/// An agent with a session that is ready for payment, and a token for its total.
async fn to_pay(host: &TestHost, release: Release) -> (Acp<'_>, HttpResponse, String) {
    let agent = host.acp(release);
    let session = agent.ready(ITEM).await;
    let token = host.token(session.total("total")).await;
    (agent, session, token)
}

/// An agent with two sessions that are ready for payment, and a token for both.
async fn two_to_pay(host: &TestHost) -> (Acp<'_>, HttpResponse, HttpResponse, String) {
    let agent = host.acp(Release::V2026_04_17);
    let first = agent.ready(&[("tee-classic", 1)]).await;
    let second = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(2 * first.total("total")).await;
    (agent, first, second, token)
}

/// Asserts that nothing was charged, that nothing is reserved, and that a good token pays the session.
async fn assert_can_be_paid(host: &TestHost, session: &HttpResponse) {
    assert_not_charged(host);
    let agent = host.acp(Release::V2026_04_17);
    let now = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    assert_eq!(now["totals"], session["totals"]);
    let token = host.token(session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(host, session.total("total")).await;
}

/// A card number would be stored in the attempt, and would be part of the URL of every call to Stripe.
#[tokio::test]
async fn a_card_number_in_place_of_a_token_is_refused_before_anything_is_kept_or_sent() {
    let host = frozen().await;
    let (agent, session, _) = to_pay(&host, Release::V2026_04_17).await;
    let refused = agent.complete(session.id(), "4242424242424242").await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(!refused.text().contains("4242"), "{}", refused.text());
    assert_eq!(host.sandbox.stripe.received(stripe::Operation::Retrieve), 0);
    assert_eq!(host.attempts_of(session.id()).await, []);
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn a_token_that_has_expired_is_refused() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    host.clock.advance(Duration::from_secs(3600));
    let refused = agent.complete(session.id(), &token).await.refused(400, "token_expired");
    let _ = refused.about("$.payment_data.instrument.credential.token");
    assert_eq!(host.sandbox.stripe.received(stripe::Operation::Resolve), 0);
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn a_token_about_to_expire_is_refused_before_it_is_used_up() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2025_09_29).await;
    host.clock.advance(Duration::from_secs(3600 - 60));
    let refused = agent.complete(session.id(), &token).await.refused(400, "token_expired");
    let _ = refused.about("$.payment_data.token");
    assert_eq!(host.sandbox.stripe.received(stripe::Operation::Resolve), 0);
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_token_with_a_minute_and_a_second_left_pays() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2025_09_29).await;
    host.clock.advance(Duration::from_secs(3600 - 61));
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
}

/// Revokes a token, as an issuer does when the buyer changes their mind.
async fn revoke(host: &TestHost, token: &str) {
    let stripe = &host.sandbox.stripe;
    let mut stream = TcpStream::connect(stripe.address()).await.unwrap();
    let request = format!(
        "POST /v1/test_helpers/shared_payment/granted_tokens/{token}/revoke HTTP/1.1\r\nhost: stripe\r\n\
         authorization: Bearer {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        stripe.secret_key().reveal()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_token_that_was_revoked_is_refused() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    revoke(&host, &token).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(400, "token_deactivated");
    assert_can_be_paid(&host, &session).await;
}

/// Stripe's word that a token is no longer active, as the merchant's account receives it.
async fn report_deactivated(host: &TestHost, token: &str, reason: &str) {
    let token = json!({"id": token, "object": "shared_payment.granted_token", "deactivated_at": 1, "deactivated_reason": reason});
    let body = json!({"id": format!("evt_{reason}"), "object": "event", "livemode": false,
        "type": "shared_payment.granted_token.deactivated", "data": {"object": token}});
    let request = host.client().post("/webhooks/stripe").json(&body);
    let _ = request
        .signed_with(&Merchant::event_secret("demo"))
        .send()
        .await
        .expect(200);
}

/// The read of the token is answered before Stripe deactivates it, and arrives after that.
#[tokio::test]
async fn a_token_that_is_deactivated_while_it_is_read_is_not_resolved() {
    for (reason, code) in [("revoked", "token_deactivated"), ("expired", "token_expired")] {
        let host = frozen().await;
        let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
        let hold = host.sandbox.stripe.hold(stripe::Operation::Retrieve);
        let paying = tokio::spawn(agent.completion(session.id(), &token).send());
        hold.arrived(1).await;
        report_deactivated(&host, &token, reason).await;
        hold.release();
        let refused = paying.await.unwrap().refused(400, code);
        let _ = refused.about("$.payment_data.instrument.credential.token");
        assert_eq!(host.sandbox.stripe.received(stripe::Operation::Resolve), 0);
        assert_can_be_paid(&host, &session).await;
    }
}

#[tokio::test]
async fn a_deactivation_that_stripe_reported_before_the_confirm_counts_whatever_a_read_says() {
    let host = frozen().await;
    let hooks = host.stripe_acs();
    let checkout = hooks.ready(ITEM).await;
    let token = host.token(checkout.total("total")).await;
    report_deactivated(&host, &token, "revoked").await;
    let _ = hooks
        .confirm(checkout.id(), &token)
        .await
        .refused(400, "token_deactivated");
    let now = hooks.retrieve(checkout.id()).await.expect(200).is("ready_for_payment");
    let _ = now.told("no longer active");
    assert_eq!(host.sandbox.stripe.received(stripe::Operation::Resolve), 0);
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_deactivation_after_the_charge_changes_nothing() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    report_deactivated(&host, &token, "resolved").await;
    let _ = agent.retrieve(session.id()).await.is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_credential_with_numbers_in_place_of_texts_pays() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let token = host.token_of("pm_card_numeric", session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

/// The bundled processor fills in numbers only. The token is consumed, which the answer says, and no retry is asked for.
#[tokio::test]
async fn an_encrypted_card_that_the_processor_does_not_take_is_refused_for_good() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let token = host.token_of("pm_card_encrypted", session.total("total")).await;
    let request = agent.completion(session.id(), &token);
    let refused = request.clone().send().await.refused(400, "token_unusable");
    let told = refused["message"].as_str().unwrap_or_default();
    assert!(told.contains("an encrypted card"), "{told}");
    assert!(told.contains("the token was consumed"), "{told}");
    assert!(request.send().await.expect(400).is_replay());
    let now = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    assert_eq!(now.message("unsupported")["type"], "error");
    assert_eq!(
        host.sandbox
            .acquirer
            .received(tillhouse_sandbox::acquirer::Operation::Charge),
        0
    );

    let hooks = host.stripe_acs();
    let checkout = hooks.ready(&[("tee-classic", 1)]).await;
    let token = host.token_of("pm_card_encrypted", checkout.total("total")).await;
    let _ = hooks
        .confirm(checkout.id(), &token)
        .await
        .refused(400, "token_unusable")
        .about("$.payment_data.token");
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_token_for_a_cent_less_is_refused() {
    let host = frozen().await;
    let checkout = host.stripe_acs().ready(ITEM).await;
    let token = host.token(checkout.total("total") - 1).await;
    let refused = host.stripe_acs().confirm(checkout.id(), &token).await;
    let refused = refused
        .refused(400, "token_amount_exceeded")
        .about("$.payment_data.token");
    assert!(
        refused["message"].as_str().unwrap().contains("limit"),
        "{}",
        refused.text()
    );
    assert_not_charged(&host);
    let token = host.token(checkout.total("total")).await;
    let _ = host
        .stripe_acs()
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("completed");
    assert_charged_once(&host, checkout.total("total")).await;
}

#[tokio::test]
async fn a_token_for_another_currency_is_refused() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let token = host.token_in("pm_card_visa", 10 * session.total("total"), "eur").await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(400, "token_currency_mismatch");
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let _ = agent
        .complete(session.id(), "spt_unknown")
        .await
        .refused(400, "token_unknown");
    let now = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(now.message("not_found")["type"], "error", "nothing was declined");
    let _ = now.told("Nothing was charged");
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn a_token_that_is_none_never_reaches_stripe() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let long = "a".repeat(300);
    for token in [
        "",
        " ",
        "../payment_records",
        "spt_1/resolve",
        "spt_1?x=y",
        "spt_1\r\nx: y",
        "spt_\u{1F600}",
        "4242424242424242 ",
        &long,
    ] {
        let answer = agent.complete(session.id(), token).await.expect(400);
        let param = answer["param"].as_str().unwrap_or_default();
        assert!(param.ends_with(".token"), "{token:?}: {}", answer.text());
    }
    assert!(
        host.sandbox.stripe.requests().is_empty(),
        "{:?}",
        host.sandbox.stripe.requests()
    );
    assert_can_be_paid(&host, &session).await;
}

#[tokio::test]
async fn a_token_pays_one_checkout() {
    let host = frozen().await;
    let (agent, first, second, token) = two_to_pay(&host).await;
    let _ = agent.complete(first.id(), &token).await.expect(200).is("completed");
    let _ = agent.complete(second.id(), &token).await.refused(400, "token_used");
    let _ = agent.retrieve(second.id()).await.is("ready_for_payment");
    assert_charged_once(&host, first.total("total")).await;
}

#[tokio::test]
async fn a_token_sent_to_two_checkouts_at_once_pays_one() {
    let host = frozen().await;
    let (agent, first, second, token) = two_to_pay(&host).await;
    let (a, b) = tokio::join!(agent.complete(first.id(), &token), agent.complete(second.id(), &token));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{}\n{}", a.text(), b.text());
    assert_charged_once(&host, first.total("total")).await;
}

#[tokio::test]
async fn a_token_whose_check_failed_was_not_used_up() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    host.sandbox
        .stripe
        .fail_next(stripe::Operation::Retrieve, Fault::Status(401));
    let failed = agent.complete(session.id(), &token).await;
    assert_eq!(failed.status / 100, 5, "{}", failed.text());
    assert_not_charged(&host);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, session.total("total")).await;
}

#[tokio::test]
async fn a_token_that_was_too_small_pays_another_checkout() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let (dear, cheap) = (
        agent.ready(&[("headphones-pro", 1)]).await,
        agent.ready(&[("tee-classic", 1)]).await,
    );
    let token = host.token(cheap.total("total")).await;
    let _ = agent
        .complete(dear.id(), &token)
        .await
        .refused(400, "token_amount_exceeded");
    let _ = agent.complete(cheap.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, cheap.total("total")).await;
}
