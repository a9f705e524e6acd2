//! Requests that are like others that are refused: what differs in form, order or time, and means the same.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{HttpResponse, TestHost};

use super::{ITEM, cart, changed, creation, host, in_dialect, plan, refused, told};

/// A session, and a token of this card for it.
async fn to_pay(host: &TestHost, card: &str) -> (HttpResponse, String) {
    let session = host.adyen().ready(ITEM).await;
    let token = host.adyen().token_of(card, session.id(), session.total("total")).await;
    (session, token)
}

/// Texts that would break a line, a label or a log, and some that only look so.
#[tokio::test]
async fn texts_with_characters_that_are_not_seen_are_refused_where_they_are() {
    let agent = host().await.adyen();
    for (pointer, path) in [
        ("/buyer/first_name", "buyer.first_name"),
        ("/buyer/phone_number", "buyer.phone_number"),
        ("/fulfillment_address/line_one", "fulfillment_address.line_one"),
        ("/fulfillment_address/postal_code", "fulfillment_address.postal_code"),
        ("/affiliate_attribution/provider", "affiliate_attribution.provider"),
        ("/affiliate_attribution/token", "affiliate_attribution.token"),
    ] {
        for text in ["a\u{0}b", "a\nb", "a\r\nx: y", "a\u{1b}[31m"] {
            let answer = agent.create(&changed(creation(), pointer, json!(text))).await;
            let _ = refused(answer, 400, "INVALID_REQUEST", path, text);
        }
    }
    for text in [
        "O'Hara; DROP TABLE session",
        "<script>",
        "\u{5f20}\u{4f1f}",
        "{{7*7}}",
        "%s%n",
    ] {
        let created = agent
            .create(&changed(creation(), "/buyer/first_name", json!(text)))
            .await
            .expect(201);
        in_dialect(&created);
    }
}

#[tokio::test]
async fn an_address_without_anything_visible_is_not_one_to_deliver_to() {
    let agent = host().await.adyen();
    for member in ["line_one", "city", "postal_code"] {
        for text in ["", " ", "\u{a0}"] {
            let body = changed(creation(), &format!("/fulfillment_address/{member}"), json!(text));
            let answer = agent.create(&body).await;
            in_dialect(&answer);
            if answer.status == 201 {
                let answer = answer.is("not_ready_for_payment");
                let (code, path) = told(&answer);
                let expected = format!("fulfillment_address.{member}");
                assert_eq!(
                    (code, path),
                    ("MISSING_FIELD", expected.as_str()),
                    "{text:?}: {}",
                    answer.text()
                );
            } else {
                assert_eq!(answer.status, 400, "{member} {text:?}: {}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn metadata_of_an_affiliate_may_be_anything() {
    let agent = host().await.adyen();
    for metadata in [
        json!({}),
        json!({"a": {"b": {"c": 1}}, "list": [1, "x", null], "null": null, "yes": true, "n": 1.5}),
        json!({"": "empty", "a.b": "dots", "\u{1F3E0}": "house"}),
    ] {
        let attribution = json!({"provider": "x", "metadata": metadata});
        let created = agent
            .create(&changed(creation(), "/affiliate_attribution", attribution))
            .await;
        assert_eq!(created.status, 201, "{metadata}: {}", created.text());
    }
    for wrong in [json!([]), json!("x"), Value::Null] {
        let attribution = json!({"provider": "x", "metadata": wrong});
        let answer = agent
            .create(&changed(creation(), "/affiliate_attribution", attribution))
            .await;
        let _ = refused(
            answer,
            400,
            "INVALID_REQUEST",
            "affiliate_attribution.metadata",
            &wrong.to_string(),
        );
    }
}

/// A buyer who comes with the payment may be one whose code applies: then the total is another, which was not shown.
#[tokio::test]
async fn a_buyer_who_changes_the_total_is_shown_it_before_it_is_paid() {
    let host = host().await;
    let agent = host.adyen();
    let body = changed(creation(), "/discounts", json!({"codes": ["STAFF"]}));
    let session = agent.create(&body).await.expect(201).is("ready_for_payment");
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let body = json!({"payment_data": {"provider": "adyen", "token": token}, "buyer": {"email": "joan@staff.example"}});
    let pay = || agent.post(&format!("/{}/complete", session.id())).json(&body);
    let answer = refused(pay().send().await, 422, "PRICE_MISMATCH", "", "another total");
    let shown = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
    assert_eq!(host.attempts_of(session.id()).await, [], "{}", answer.text());
    assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()), []);
    let email = json!({"buyer": {"email": "joan@staff.example"}});
    let updated = agent.update(session.id(), &email).await.expect(200);
    assert!(updated.total("total") < session.total("total"), "{}", shown.text());
    super::still_pays(host, &updated, &token).await;
}

/// The dialect has no 3-D Secure: what the issuer asks for cannot be brought, and another card can.
#[tokio::test]
async fn a_card_that_wants_an_authentication_does_not_block_the_session() {
    let host = plan().start().await;
    let agent = host.adyen();
    for card in [
        "pm_card_authenticationRequired",
        "pm_card_authenticationOnCharge",
        "pm_card_authenticationDenied",
    ] {
        let (session, token) = to_pay(&host, card).await;
        let answer = agent.complete(session.id(), &token).await;
        in_dialect(&answer);
        assert!([200, 422].contains(&answer.status), "{card}: {}", answer.text());
        assert_eq!(answer["messages"][0]["type"], "error", "{card}: {}", answer.text());
        assert!(answer.json.get("order").is_none());
        let shown = agent.retrieve(session.id()).await.expect(200);
        assert_eq!(shown["status"], "ready_for_payment", "{card}: {}", shown.text());
        let token = agent
            .token_of("pm_card_adyen", session.id(), session.total("total"))
            .await;
        let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    }
}

#[tokio::test]
async fn one_token_at_once_without_a_key_is_one_payment() {
    let host = plan().start().await;
    let agent = host.adyen();
    let (session, token) = to_pay(&host, "pm_card_adyen").await;
    let pay = || agent.completion(session.id(), &token).no_key();
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let first = tokio::spawn(pay().send());
    hold.arrived(1).await;
    let second = tokio::spawn(pay().send());
    wait_until("the second completion has arrived", async || {
        host.sandbox.adyen.received(Operation::Pay) >= 1
    })
    .await;
    hold.release();
    for answer in [first.await.unwrap(), second.await.unwrap()] {
        let _ = answer.expect(200).is("completed");
    }
    assert_eq!(host.sandbox.adyen.ledger().payments.len(), 1);
}

#[tokio::test]
async fn a_cancellation_and_a_payment_at_once_have_one_winner() {
    let host = plan().start().await;
    let agent = host.adyen();
    for _ in 0..4 {
        let (session, token) = to_pay(&host, "pm_card_adyen").await;
        let (paid, canceled) = tokio::join!(agent.complete(session.id(), &token), agent.cancel(session.id()));
        in_dialect(&paid);
        in_dialect(&canceled);
        let payments = host.sandbox.adyen.ledger().payments_of(session.id()).len();
        match (paid.status, canceled.status) {
            (200, 409) => assert_eq!(payments, 1),
            (409, 200) => assert_eq!(payments, 0),
            other => panic!("{other:?}: {}\n{}", paid.text(), canceled.text()),
        }
    }
}

#[tokio::test]
async fn an_update_and_a_payment_at_once_charge_what_was_shown() {
    let host = plan().start().await;
    let agent = host.adyen();
    for _ in 0..4 {
        let (session, token) = to_pay(&host, "pm_card_adyen").await;
        let song = json!({"items": [{"id": "song", "quantity": 1}]});
        let (paid, updated) = tokio::join!(agent.complete(session.id(), &token), agent.update(session.id(), &song));
        in_dialect(&paid);
        in_dialect(&updated);
        let payments = host.sandbox.adyen.ledger().payments_of(session.id());
        match paid.status {
            200 => {
                assert_eq!(payments[0].captured, paid.total("total"));
                // The agent is shown what it changed with the answer to that, whether it waits for the answer or not.
                let shown = if updated.status == 200 { &updated } else { &session };
                assert_eq!(paid["totals"], shown["totals"], "{}", paid.text());
                assert!([200, 409].contains(&updated.status), "{}", updated.text());
            }
            409 | 422 => {
                assert_eq!(payments, [], "{}", paid.text());
                assert_eq!(updated.status, 200, "{}", updated.text());
            }
            other => panic!("{other}: {}", paid.text()),
        }
    }
}

#[tokio::test]
async fn a_path_that_is_almost_one_is_none() {
    let host = host().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let key = tillhouse_tests::Merchant::adyen_key("demo");
    for path in [
        agent.path("/"),
        agent.path(&format!("/{}/", session.id())),
        agent.path(&format!("//{}", session.id())),
        agent.path("").replace("/v1/", "/v2/"),
        agent.path("").replace("/acp/", "/ACP/"),
        agent.path("").replace("checkout_sessions", "checkout_session"),
    ] {
        let answer = agent.client.post(&path).bearer(&key).json(&creation()).send().await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        if path.contains("/acp/") {
            in_dialect(&answer);
        }
    }
    let lower = agent.client.get(&agent.path(&format!("/{}", session.id())));
    let answer = lower.header("authorization", &format!("bearer {key}")).send().await;
    assert_eq!(
        answer.status,
        200,
        "the scheme is written in any case: {}",
        answer.text()
    );
}

/// Many of what a request may have some of.
#[tokio::test]
async fn a_request_at_its_limits_is_taken() {
    let agent = host().await.adyen();
    let items = json!(vec![json!({"id": "song", "quantity": 1}); 20]);
    let created = agent.create(&cart(&items)).await.expect(201);
    assert_eq!(created["line_items"][0]["item"]["quantity"], 20);
    assert_eq!(created["line_items"].as_array().unwrap().len(), 1);
    let codes: Vec<String> = (0..20).map(|number| format!("CODE{number}")).collect();
    let created = agent
        .create(&changed(creation(), "/discounts", json!({"codes": codes})))
        .await
        .expect(201);
    assert_eq!(created["discounts"]["rejected"].as_array().unwrap().len(), 20);
    let phone = changed(creation(), "/buyer", json!({"phone_number": "1".repeat(10_000)}));
    let answer = agent.create(&phone).await;
    in_dialect(&answer);
}
