//! Completions that are stopped before the charge: nothing is held or charged, and the token stays good.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Merchant, TestHost, fixtures, witness};

use super::{ITEM, changed, completion, host, is_untouched, plan, refused, still_pays, stored};

/// A session and a token for its total.
async fn to_pay(host: &TestHost) -> (HttpResponse, String) {
    let session = host.adyen().ready(ITEM).await;
    let token = host
        .adyen()
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    (session, token)
}

async fn complete(host: &TestHost, session: &HttpResponse, body: &Value) -> HttpResponse {
    let request = host.adyen().post(&format!("/{}/complete", session.id()));
    request.json(body).send().await
}

#[tokio::test]
async fn a_provider_that_is_not_taken_is_named() {
    let host = host().await;
    let (session, token) = to_pay(host).await;
    for provider in ["stripe", "tillhouse", "Adyen", "paypal", " adyen", "adyen\u{200b}"] {
        let body = changed(completion(&token), "/payment_data/provider", json!(provider));
        let answer = complete(host, &session, &body).await;
        let answer = refused(answer, 422, "UNSUPPORTED_PROVIDER", "payment_data.provider", provider);
        assert_eq!(answer["totals"], session["totals"], "{provider}");
    }
    is_untouched(host, &session, "other providers").await;
    still_pays(host, &session, &token).await;
}

/// A card number in the place of a token is kept nowhere, under no key, and answered without it.
#[tokio::test]
async fn a_card_number_is_no_token() {
    let host = plan().start().await;
    let (session, token) = to_pay(&host).await;
    let number = "4111111111111111";
    for written in [
        number.to_owned(),
        "4111 1111 1111 1111".to_owned(),
        "4111-1111-1111-1111".to_owned(),
        format!(" {number}"),
        format!("tok_{number}"),
        format!("pan={number}&cvc=737"),
        format!("acp_tok_{number}"),
        "4111.1111.1111.1111".to_owned(),
        "4111_1111_1111_1111".to_owned(),
        "41111111 11111111".to_owned(),
        "378282246310005".to_owned(),
    ] {
        let request = host.adyen().post(&format!("/{}/complete", session.id()));
        let request = request.json(&completion(&written));
        let answer = refused(
            request.clone().send().await,
            422,
            "INVALID_TOKEN",
            "payment_data.token",
            &written,
        );
        assert!(
            !answer.text().contains("1111") && !answer.text().contains("3782"),
            "{}",
            answer.text()
        );
        assert!(!request.send().await.expect(422).is_replay(), "{written}");
    }
    is_untouched(&host, &session, "card numbers").await;
    assert_eq!(
        (
            host.rows_in("attempt"),
            host.sandbox.adyen.received(tillhouse_sandbox::adyen::Operation::Pay)
        ),
        (0, 0)
    );
    still_pays(&host, &session, &token).await;
}

#[tokio::test]
async fn a_session_that_lacks_something_says_what() {
    let host = host().await;
    let session = host.adyen().open(ITEM).await;
    let token = host.adyen().token_of("pm_card_adyen", session.id(), 10_000).await;
    let request = host.adyen().completion(session.id(), &token);
    let answer = refused(request.clone().send().await, 409, "INVALID_STATE", "", "no address");
    let lacking = answer.message("MISSING_FIELD");
    assert_eq!(lacking["path"], "fulfillment_address", "{}", answer.text());
    assert!(request.send().await.expect(409).is_replay());
    is_untouched(host, &session, "not ready").await;
    let delivery = json!({"fulfillment_address": fixtures::address(), "buyer": fixtures::buyer()});
    let ready = host
        .adyen()
        .update(session.id(), &delivery)
        .await
        .expect(200)
        .is("ready_for_payment");
    still_pays(host, &ready, &token).await;
}

const SALE: &str = "id,title,description,link,image_link,availability,price,sale_price,sale_price_effective_date,shipping_type
rises,Rises,A song.,https://s.example/r,https://s.example/i,in_stock,100.00 USD,60.00 USD,2026-11-21T00:00Z/2026-11-21T12:10Z,digital
";

#[tokio::test]
async fn a_price_that_has_changed_is_shown_before_it_is_paid() {
    let shop = Merchant::named("demo").catalog(SALE).untaxed().adyen();
    let host = TestHost::builder().merchant(shop).frozen().start().await;
    let agent = host.adyen();
    let session = agent.open(&[("rises", 1)]).await.is("ready_for_payment");
    assert_eq!(session.total("total"), 6000);
    let token = agent.token_of("pm_card_adyen", session.id(), 10_000).await;
    host.clock.advance(Duration::from_secs(20 * 60));
    let request = agent.completion(session.id(), &token);
    let answer = refused(
        request.clone().send().await,
        422,
        "PRICE_MISMATCH",
        "",
        "the sale is over",
    );
    assert_eq!(answer["status"], "ready_for_payment");
    assert!(answer.text().contains("100.00"), "{}", answer.text());
    assert!(request.send().await.expect(422).is_replay());
    assert_eq!(host.attempts_of(session.id()).await, []);
    let shown = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    assert_eq!(shown.total("total"), 10_000);
    still_pays(&host, &shown, &token).await;
}

#[tokio::test]
async fn stock_that_went_meanwhile_is_told_and_the_token_stays_good() {
    let host = plan().start().await;
    let agent = host.adyen();
    let session = agent.ready(&[("last", 2)]).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let _ = agent.buy(&[("last", 2)]).await;
    let request = agent.completion(session.id(), &token);
    let answer = refused(
        request.clone().send().await,
        422,
        "PARTIAL_STOCK",
        "items[0]",
        "one is left",
    );
    let _ = answer.is("not_ready_for_payment");
    assert!(request.send().await.expect(422).is_replay());
    let _ = agent.buy(&[("last", 1)]).await;
    let answer = agent.complete(session.id(), &token).await;
    let _ = refused(answer, 422, "OUT_OF_STOCK", "items[0]", "none is left");
    assert_eq!(host.attempts_of(session.id()).await, []);
    let song = json!({"items": [{"id": "song", "quantity": 1}]});
    let other = agent
        .update(session.id(), &song)
        .await
        .expect(200)
        .is("ready_for_payment");
    still_pays(&host, &other, &token).await;
}

fn deciding(decision: &str) -> Merchant {
    witness::merchant("demo", &format!("risk = \"{decision}\"")).adyen()
}

#[tokio::test]
async fn risk_rules_say_nothing_of_themselves_and_leave_the_token() {
    let mut host = witness::builder().merchant(deciding("block")).start().await;
    let (session, token) = to_pay(&host).await;
    let request = host.adyen().completion(session.id(), &token);
    let answer = refused(request.clone().send().await, 422, "RISK_REJECTED", "", "blocked").is("ready_for_payment");
    let content = answer["messages"][0]["content"].as_str().unwrap();
    for word in ["as the test says", "risk", "block", "witness"] {
        assert!(!content.to_lowercase().contains(word), "{content}");
    }
    assert_eq!(answer["messages"].as_array().unwrap().len(), 1, "{}", answer.text());
    assert!(request.send().await.expect(422).is_replay());
    assert!(host.sandbox.adyen.ledger().payments.is_empty());
    let shown = host
        .adyen()
        .retrieve(session.id())
        .await
        .expect(200)
        .is("ready_for_payment");
    assert!(!shown.text().contains("as the test says"), "{}", shown.text());
    host.restart_as(deciding("allow")).await;
    still_pays(&host, &session, &token).await;
}

#[tokio::test]
async fn a_consent_that_was_not_asked_for_is_named_and_one_that_was_is_kept() {
    let host = witness::builder().merchant(deciding("allow")).start().await;
    let (session, token) = to_pay(&host).await;
    assert_eq!(
        session["marketing_consent_options"][0]["channel"],
        "email",
        "{}",
        session.text()
    );
    let answers = |answers: &[(&str, bool)]| {
        let answers = answers.iter();
        let answers: Vec<_> = answers
            .map(|(channel, yes)| json!({"channel": channel, "opted_in": yes}))
            .collect();
        changed(completion(&token), "/marketing_consents", json!(answers))
    };
    for (given, path) in [
        (&[("fax", true)][..], "marketing_consents[0].channel"),
        (&[("email", true), ("sms", false)], "marketing_consents[1].channel"),
        (&[("Email", true)], "marketing_consents[0].channel"),
    ] {
        let answer = complete(&host, &session, &answers(given)).await;
        let _ = refused(answer, 422, "INVALID_CONSENT", path, path);
        is_untouched(&host, &session, path).await;
    }
    let paid = complete(&host, &session, &answers(&[("email", false)])).await;
    let _ = paid.expect(200).is("completed");
    let kept = format!("{:?}", stored(&host, session.id()).await);
    assert!(kept.contains("granted: false"), "{kept}");
}

#[tokio::test]
async fn a_buyer_supplements_what_is_known() {
    let host = host().await;
    let (session, token) = to_pay(host).await;
    let body = json!({"payment_data": {"provider": "adyen", "token": token}, "buyer": {"first_name": "Joan"}});
    let paid = complete(host, &session, &body).await.expect(200).is("completed");
    assert_eq!(paid["totals"], session["totals"]);
    let buyer = stored(host, session.id()).await.cart.buyer.unwrap_or_default();
    assert_eq!(buyer.first_name.as_deref(), Some("Joan"));
    assert_eq!(
        (buyer.last_name.as_deref(), buyer.email.as_deref()),
        (Some("Doe"), Some("jane.doe@example.com"))
    );
}

/// What the processor was told of the address that is billed.
fn billed(host: &TestHost, session: &str) -> Value {
    let entries = host.sandbox.adyen.transcript().into_iter();
    let payment = host.sandbox.adyen.ledger().payments_of(session).remove(0);
    let mut sent =
        entries.filter(|entry| entry.path.ends_with("/payments") && entry.request["reference"] == payment.reference);
    sent.next().unwrap().request["billingAddress"].clone()
}

#[tokio::test]
async fn goods_are_billed_to_where_they_go_unless_another_address_is_given() {
    let host = host().await;
    for (given, city) in [(None, "Springfield"), (Some("Portland"), "Portland")] {
        let (session, token) = to_pay(host).await;
        let mut body = json!({"payment_data": {"provider": "adyen", "token": token}});
        if let Some(city) = given {
            body["payment_data"]["billing_address"] = changed(fixtures::address(), "/city", json!(city));
        }
        let _ = complete(host, &session, &body).await.expect(200).is("completed");
        assert_eq!(billed(host, session.id())["city"], city);
    }
}

#[tokio::test]
async fn an_opaque_token_is_judged_by_its_issuer() {
    let host = host().await;
    for token in [
        "psp_tok_Ab7xQfN2YwR...".to_owned(),
        "a.b~c/d+e=".repeat(40),
        "x".repeat(512),
        "with spaces".to_owned(),
        "{\"a\":\"<b>\"}".to_owned(),
    ] {
        let session = host.adyen().ready(ITEM).await;
        let answer = host.adyen().complete(session.id(), &token).await;
        let answer = refused(answer, 422, "INVALID_TOKEN", "payment_data.token", &token);
        assert!(!answer.text().contains(&token), "{}", answer.text());
        let now = host
            .adyen()
            .retrieve(session.id())
            .await
            .expect(200)
            .is("ready_for_payment");
        assert!(now.json.get("order").is_none());
    }
}
