//! Bodies that are not what the dialect says: the member is named, nothing is done, and nothing is kept under the key.

use serde_json::{Value, json};
use tillhouse_tests::TestHost;

use super::wrong_values::{BILLING, wrong_addresses, wrong_attributions, wrong_of_both};
use super::{ITEM, changed, completion, creation, host, is_untouched, plan, refused, told, without};

#[tokio::test]
async fn what_is_not_json_of_an_object_is_refused() {
    let host = host().await;
    let agent = host.adyen();
    let good = creation().to_string();
    let deep = [&b"["[..]; 33].concat();
    let large = format!("{good}{}", " ".repeat(257 * 1024));
    for (what, body, status, codes, path) in [
        (
            "bytes that are not UTF-8",
            b"{\"currency\":\"\xff\"}".to_vec(),
            400,
            &["INVALID_REQUEST"][..],
            "",
        ),
        (
            "a lone surrogate",
            good.replace("Jane", "\\ud800").into_bytes(),
            400,
            &["INVALID_REQUEST"],
            "buyer.first_name",
        ),
        ("nothing", Vec::new(), 400, &["MISSING_FIELD", "INVALID_REQUEST"], ""),
        (
            "white space",
            b"  \n".to_vec(),
            400,
            &["MISSING_FIELD", "INVALID_REQUEST"],
            "",
        ),
        ("a list", b"[]".to_vec(), 400, &["INVALID_REQUEST"], ""),
        ("null", b"null".to_vec(), 400, &["INVALID_REQUEST", "MISSING_FIELD"], ""),
        ("a text", b"\"create\"".to_vec(), 400, &["INVALID_REQUEST"], ""),
        (
            "two values",
            format!("{good}{good}").into_bytes(),
            400,
            &["INVALID_REQUEST"],
            "",
        ),
        (
            "half a value",
            good.as_bytes()[..40].to_vec(),
            400,
            &["INVALID_REQUEST"],
            "",
        ),
        (
            "a byte order mark",
            format!("\u{feff}{good}").into_bytes(),
            400,
            &["INVALID_REQUEST"],
            "",
        ),
        (
            "too deep",
            [&deep[..], &[b']'; 33]].concat(),
            400,
            &["INVALID_REQUEST"],
            &"[0]".repeat(32),
        ),
        ("too large", large.into_bytes(), 413, &["BODY_TOO_LARGE"], ""),
    ] {
        let answer = agent.post("").body(body).send().await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        let (code, at) = told(&answer);
        assert!(codes.contains(&code), "{what}: {}", answer.text());
        assert_eq!(at, path, "{what}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_name_that_comes_twice_is_named_wherever_it_is() {
    let agent = host().await.adyen();
    let good = creation().to_string();
    for (body, path) in [
        (good.replacen("{\"affiliate", "{\"items\":[],\"affiliate", 1), "items"),
        (good.replacen('{', "{\"\\u0069tems\":[],", 1), "items"),
        (
            good.replacen("\"email\"", "\"email\":\"a@b.example\",\"email\"", 1),
            "buyer.email",
        ),
        (
            good.replacen("\"quantity\"", "\"quantity\":2,\"quantity\"", 1),
            "items[0].quantity",
        ),
        (good.replacen('{', "{\"currency\":\"USD\",", 1), "currency"),
    ] {
        let answer = agent.post("").body(body.clone()).send().await;
        let _ = refused(answer, 400, "INVALID_REQUEST", path, &body);
    }
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let agent = host().await.adyen();
    let good = || agent.post("").json(&creation());
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "text/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-encoding", "gzip"),
        ("content-encoding", "br"),
    ] {
        let answer = good().header(name, value).send().await;
        let _ = refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE", "", value);
    }
    for value in ["application/json; charset=utf-8", "Application/JSON"] {
        let _ = good().header("content-type", value).send().await.expect(201);
    }
}

/// What is not there is missing, what the dialect does not know is unknown, and all else invalid.
const CODES: [&str; 3] = ["INVALID_REQUEST", "MISSING_FIELD", "UNKNOWN_FIELD"];

/// Asserts that each body is refused at its path, and that a good one passes under the same key.
async fn each_is_refused(
    host: &TestHost,
    below: &str,
    good: &Value,
    wrong: Vec<(&'static str, Value, &'static str)>,
    status: u16,
) {
    let agent = host.adyen();
    for (pointer, value, path) in wrong {
        let request = agent.post(below);
        let answer = request
            .clone()
            .json(&changed(good.clone(), pointer, value.clone()))
            .send()
            .await;
        assert_eq!(answer.status, 400, "{pointer} {value}: {}", answer.text());
        let (code, at) = told(&answer);
        assert_eq!(at, path, "{pointer} {value}: {}", answer.text());
        assert!(CODES.contains(&code), "{pointer} {value}: {}", answer.text());
        if status != 0 {
            let again = request.json(good).send().await.expect(status);
            assert!(!again.is_replay(), "nothing is kept under the key: {pointer} {value}");
        }
    }
}

#[tokio::test]
async fn a_wrong_member_of_a_creation_is_named_and_makes_no_session() {
    let host = plan().start().await;
    let wrong: Vec<_> = wrong_of_both().into_iter().chain(wrong_attributions()).collect();
    each_is_refused(&host, "", &creation(), wrong, 0).await;
    for member in ["currency", "items"] {
        let answer = host.adyen().create(&without(creation(), &format!("/{member}"))).await;
        let _ = refused(answer, 400, "MISSING_FIELD", member, member);
    }
    let huge = creation().to_string().replace("\"quantity\":1", "\"quantity\":1e400");
    let answer = host.adyen().post("").body(huge).send().await;
    let _ = refused(answer, 400, "INVALID_REQUEST", "items[0].quantity", "1e400");
    assert_eq!((host.rows_in("session"), host.rows_in("idempotency")), (0, 0));
}

#[tokio::test]
async fn the_key_of_a_refused_body_is_free() {
    let host = host().await;
    let wrong = vec![("/currency", json!("US"), "currency"), ("/items", json!([]), "items")];
    each_is_refused(host, "", &creation(), wrong, 201).await;
}

#[tokio::test]
async fn a_wrong_member_of_an_update_is_named_and_changes_nothing() {
    let host = host().await;
    let session = host.adyen().ready(ITEM).await;
    let good = without(creation(), "/affiliate_attribution");
    let below = format!("/{}", session.id());
    each_is_refused(host, &below, &good, wrong_of_both(), 0).await;
    let attribution = json!({"affiliate_attribution": {"provider": "x"}});
    let answer = host.adyen().update(session.id(), &attribution).await;
    let _ = refused(answer, 400, "UNKNOWN_FIELD", "affiliate_attribution", "an update");
    is_untouched(host, &session, "wrong updates").await;
}

#[tokio::test]
async fn a_wrong_member_of_a_completion_is_named_and_the_token_stays_good() {
    let host = host().await;
    let session = host.adyen().ready(ITEM).await;
    let token = host
        .adyen()
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let consent = |channel: &str, opted_in: Value| json!({"channel": channel, "opted_in": opted_in});
    let mut wrong = vec![
        ("/payment_data", Value::Null, "payment_data"),
        ("/payment_data", json!([]), "payment_data"),
        ("/payment_data", json!({"provider": "adyen"}), "payment_data.token"),
        ("/payment_data", json!({"token": token}), "payment_data.provider"),
        ("/payment_data/token", json!(""), "payment_data.token"),
        ("/payment_data/token", json!("x".repeat(513)), "payment_data.token"),
        ("/payment_data/token", json!("tok\u{1}"), "payment_data.token"),
        ("/payment_data/token", json!("tok\n"), "payment_data.token"),
        ("/payment_data/token", json!("t\u{f6}k"), "payment_data.token"),
        ("/payment_data/token", json!(4_111), "payment_data.token"),
        ("/payment_data/provider", json!(""), "payment_data.provider"),
        ("/payment_data/provider", Value::Null, "payment_data.provider"),
        ("/payment_data/number", json!("4111111111111111"), "payment_data.number"),
        ("/marketing_consents", json!({}), "marketing_consents"),
        (
            "/marketing_consents",
            json!([consent("email", json!("true"))]),
            "marketing_consents[0].opted_in",
        ),
        (
            "/marketing_consents",
            json!([consent("", json!(true))]),
            "marketing_consents[0].channel",
        ),
        (
            "/marketing_consents",
            json!([consent("email", json!(true)), consent("email", json!(false))]),
            "marketing_consents[1].channel",
        ),
        ("/items", json!([]), "items"),
        ("/currency", json!("USD"), "currency"),
        ("/buyer/email", json!("jane"), "buyer.email"),
        ("/buyer", Value::Null, "buyer"),
    ];
    wrong.extend(wrong_addresses("/payment_data/billing_address", BILLING));
    wrong.extend(wrong_attributions());
    let below = format!("/{}/complete", session.id());
    each_is_refused(host, &below, &completion(&token), wrong, 0).await;
    let answer = host.adyen().post(&below).json(&json!({})).send().await;
    let _ = refused(answer, 400, "MISSING_FIELD", "payment_data", "no payment");
    is_untouched(host, &session, "wrong completions").await;
    super::still_pays(host, &session, &token).await;
}

#[tokio::test]
async fn an_unknown_member_names_the_known_ones_or_is_ignored_as_the_merchant_says() {
    let misspelled = changed(creation(), "/fulfilment_address", json!({}));
    let answer = host().await.adyen().create(&misspelled).await;
    let answer = refused(answer, 400, "UNKNOWN_FIELD", "fulfilment_address", "strict");
    let _ = answer.told("fulfillment_address");
    let lenient = super::merchant("demo").set("adyen.agent.unknown_fields = \"ignore\"");
    let host = TestHost::builder().merchant(lenient).start().await;
    let agent = host.adyen();
    let session = agent
        .create(&changed(misspelled, "/items/0/color", json!("red")))
        .await
        .expect(201);
    let change = json!({"affiliate_attribution": {"provider": "x"}, "note": {"a": [1]}});
    let _ = agent.update(session.id(), &change).await.expect(200);
    let wrong = agent.create(&changed(creation(), "/currency", json!("US"))).await;
    let _ = refused(wrong, 400, "INVALID_REQUEST", "currency", "a known one is read as ever");
}
