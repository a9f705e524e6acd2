//! A card that an agent delegates to the vault pays one session once, within its allowance, and leaves nothing behind.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_sandbox::stripe;
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, TestHost, fixtures};

use super::eventually::{LOOKUP, assert_not_charged, fast_timings, wait_for_status, wait_until};

const NUMBER: &str = "4539578763621486";
const CODE: &str = "737";
const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn frozen() -> TestHost {
    TestHost::builder()
        .merchant(Merchant::named("demo").set("vault.per_minute = 100"))
        .set(fixtures::VAULT_KEYS)
        .frozen()
        .timings(fast_timings())
        .start()
        .await
}

fn delegation(host: &TestHost, session: &HttpResponse, cents: i64) -> Value {
    let expires = host.clock.now().after(Duration::from_secs(1800)).rfc3339();
    let mut body = fixtures::delegation(session, "demo", NUMBER, &expires);
    body["payment_method"]["cvc"] = json!(CODE);
    body["payment_method"]["name"] = json!("Jane Doe");
    body["allowance"]["max_amount"] = json!(cents);
    body["metadata"] = json!({"campaign": "q4"});
    body["billing_address"] = json!({
        "name": "Jane Doe", "line_one": "1 Card St", "city": "San Francisco", "state": "CA", "country": "US",
        "postal_code": "94107",
    });
    body
}

async fn delegate(agent: &Acp<'_>, body: &Value) -> HttpResponse {
    agent.post(fixtures::DELEGATE_PAYMENT).json(body).send().await
}

/// A session that is ready for payment, and a token of the vault for its total.
async fn to_pay<'a>(host: &'a TestHost, release: Release) -> (Acp<'a>, HttpResponse, String) {
    let agent = host.acp(release);
    let session = agent.ready(ITEM).await;
    let token = delegate(&agent, &delegation(host, &session, session.total("total")))
        .await
        .expect(201);
    (agent, session, token["id"].as_str().unwrap().to_owned())
}

async fn complete(agent: &Acp<'_>, session: &str, token: &str) -> HttpResponse {
    let path = format!("/checkout_sessions/{session}/complete");
    agent
        .post(&path)
        .json(&fixtures::vault_payment(agent.release, token))
        .send()
        .await
}

/// One capture of the total. The vault keeps no payment records that could be compared.
fn assert_captured(host: &TestHost, session: &HttpResponse) {
    let captures = host.sandbox.acquirer.ledger().captures();
    assert_eq!(captures.len(), 1, "{captures:#?}");
    assert_eq!(captures[0].amount_captured, session.total("total"));
}

fn refused_as_unknown(answer: &HttpResponse) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer["code"], "token_unknown", "{}", answer.text());
}

#[tokio::test]
async fn a_delegated_card_pays_in_every_release_and_stripe_is_never_asked() {
    for release in Release::ALL {
        let host = frozen().await;
        let (agent, session, token) = to_pay(&host, release).await;
        let done = complete(&agent, session.id(), &token).await.expect(200).is("completed");
        assert!(done["order"]["id"].is_string());
        assert_captured(&host, &session);
        let again = complete(&agent, session.id(), &token).await.expect(200).is("completed");
        assert_eq!(again["order"], done["order"], "the same token gets the same order");
        assert_eq!(host.charges(), 1);
        assert_eq!(host.sandbox.stripe.received(stripe::Operation::Retrieve), 0);
        assert_eq!(host.sandbox.stripe.received(stripe::Operation::Resolve), 0);
        assert_eq!(host.sandbox.stripe.received(stripe::Operation::Report), 0);
        let attempt = host.attempts_of(session.id()).await.pop().unwrap();
        assert_eq!(
            attempt.billing.unwrap().line_one,
            "1 Card St",
            "the charge has the address of the card"
        );
    }
}

#[tokio::test]
async fn both_handlers_of_a_merchant_pay_and_a_token_belongs_to_one() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    let handlers = session["capabilities"]["payment"]["handlers"]
        .as_array()
        .unwrap()
        .clone();
    let ids: Vec<&Value> = handlers.iter().map(|handler| &handler["id"]).collect();
    assert_eq!(ids, ["card_tokenized", "card_vault"]);
    assert_eq!(handlers[0]["requires_pci_compliance"], false);
    assert_eq!(
        handlers[1]["requires_pci_compliance"], true,
        "card numbers reach the merchant"
    );
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(400, "invalid")
        .about("$.payment_data.instrument.credential.token");
    let _ = complete(&agent, session.id(), &token).await.expect(200).is("completed");
    let other = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(other.total("total")).await;
    let _ = agent.complete(other.id(), &token).await.expect(200).is("completed");
    assert_eq!(host.charges(), 2);
}

#[tokio::test]
async fn a_token_pays_no_other_session_no_higher_total_and_not_after_its_time() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    let other = agent.ready(&[("tee-classic", 1)]).await;
    refused_as_unknown(&complete(&agent, other.id(), &token).await);
    refused_as_unknown(&complete(&agent, other.id(), "vt_nobody_has_this").await);
    let low = delegate(&agent, &delegation(&host, &session, session.total("total") - 1))
        .await
        .expect(201);
    let refused = complete(&agent, session.id(), low["id"].as_str().unwrap()).await;
    assert_eq!(
        (refused.status, &refused["code"]),
        (400, &json!("token_amount_exceeded")),
        "{}",
        refused.text()
    );
    assert_not_charged(&host);
    host.clock.advance(Duration::from_secs(1800));
    let late = complete(&agent, session.id(), &token).await;
    // Expired, until the host has deleted the card.
    assert_eq!(late.status, 400, "{}", late.text());
    assert!(
        ["token_expired", "token_unknown"]
            .map(Value::from)
            .contains(&late["code"]),
        "{}",
        late.text()
    );
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_token_that_was_declined_is_used_up() {
    let host = frozen().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let mut body = delegation(&host, &session, session.total("total"));
    body["payment_method"]["number"] = json!("4000000000000002");
    let token = delegate(&agent, &body).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let declined = complete(&agent, session.id(), &token).await;
    assert_eq!(declined["code"], "payment_declined", "{}", declined.text());
    let again = complete(&agent, session.id(), &token).await;
    assert_eq!(
        again["code"], "payment_declined",
        "the same answer, and no second charge"
    );
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 1);
    let next = delegate(&agent, &delegation(&host, &session, session.total("total")))
        .await
        .expect(201);
    let _ = complete(&agent, session.id(), next["id"].as_str().unwrap())
        .await
        .expect(200)
        .is("completed");
}

#[tokio::test]
async fn two_completions_at_once_charge_a_card_once() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    let (first, second) = tokio::join!(
        complete(&agent, session.id(), &token),
        complete(&agent, session.id(), &token)
    );
    for answer in [first, second] {
        let _ = answer.expect(200);
    }
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.charges(), 1);
}

/// A host that dies while the charge of a delegated card is on its way to a processor that never gets it.
async fn crashed_while_charging(with_code: bool) -> (TestHost, HttpResponse) {
    let mut host = frozen().await;
    host.sandbox.acquirer.fail_next(Operation::Charge, Fault::Hang);
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(ITEM).await;
    let mut body = delegation(&host, &session, session.total("total"));
    if !with_code {
        body["payment_method"].as_object_mut().unwrap().remove("cvc");
    }
    let token = delegate(&agent, &body).await.expect(201);
    let path = format!("/checkout_sessions/{}/complete", session.id());
    let request = agent.post(&path).json(&fixtures::vault_payment(
        Release::V2026_04_17,
        token["id"].as_str().unwrap(),
    ));
    let paying = tokio::spawn(request.try_send());
    let acquirer = &host.sandbox.acquirer;
    wait_until("the charge is sent", async || acquirer.received(Operation::Charge) == 1).await;
    let attempt = host.attempts_of(session.id()).await.pop().unwrap();
    assert_eq!(attempt.status(), AttemptStatus::Charging);
    let kept = host.store().sealed_card(&attempt.merchant, attempt.token().unwrap());
    let kept = kept.await.unwrap().unwrap();
    assert_eq!((kept.security_code, kept.had_security_code), (None, with_code));
    host.crash().await;
    paying.abort();
    (host, session)
}

/// The code is wiped before the charge is sent, so that the same bytes cannot be made again.
#[tokio::test]
async fn a_charge_that_had_a_security_code_is_looked_up_after_a_crash_and_never_sent_again() {
    let (host, session) = crashed_while_charging(true).await;
    let acquirer = &host.sandbox.acquirer;
    wait_until("the charge was looked up again and again", async || {
        host.clock.advance(LOOKUP);
        acquirer.received(Operation::Lookup) >= 24
    })
    .await;
    assert_eq!(acquirer.received(Operation::Charge), 1, "it was not sent again");
    host.clock.advance(Duration::from_secs(120));
    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let _ = open.told("did not reach the card processor");
    assert_not_charged(&host);
}

#[tokio::test]
async fn a_charge_without_a_security_code_is_sent_again_after_a_crash_and_made_once() {
    let (host, session) = crashed_while_charging(false).await;
    let _ = wait_for_status(&host, session.id(), "completed").await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Charge), 2);
    assert_captured(&host, &session);
}

#[tokio::test]
async fn the_card_is_deleted_with_the_end_of_the_payment_and_the_token_with_its_time() {
    let host = frozen().await;
    let (agent, session, token) = to_pay(&host, Release::V2026_04_17).await;
    let unused = delegate(&agent, &delegation(&host, &session, 100)).await.expect(201);
    let _ = complete(&agent, session.id(), &token).await.expect(200).is("completed");
    let attempt = host.attempts_of(session.id()).await.pop().unwrap();
    let kept = host
        .store()
        .sealed_card(&attempt.merchant, attempt.token().unwrap())
        .await
        .unwrap();
    assert_eq!(kept, None);
    assert!(
        !attempt.token().unwrap().as_str().contains(&token),
        "the attempt has the hash of the token"
    );
    assert!(unused["id"].is_string());
    host.clock.advance(Duration::from_secs(1800));
    host.payments().expiry().run_once().await.unwrap();
    assert_eq!(host.store().delete_cards().await.unwrap(), 0, "nothing is left");
}
