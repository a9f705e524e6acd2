use serde_json::json;

use super::*;
use crate::card;

fn known() -> KnownValues {
    KnownValues {
        card: Some(card::visa()),
        secrets: [("api_key".to_owned(), "sk_1".to_owned())].into(),
    }
}

fn request(target: &str, body: &str) -> Received {
    let mut request = Received::new("POST", target, body);
    request.headers.push(("authorization".into(), "Bearer sk_1".into()));
    request.headers.push(("x-trace".into(), "t1".into()));
    request
}

fn charge() -> Received {
    request(
        "/charges?mode=test",
        r#"{"amount":5,"card":{"number":"4242424242424242","month":"12"}}"#,
    )
}

#[test]
fn a_request_that_is_as_expected_has_no_differences() {
    let matcher = post("/charges")
        .json("/amount", 5)
        .json_slot("/card/number", Slot::Number)
        .json_slot("/card/month", Slot::ExpMonth)
        .header("x-trace", "t1")
        .header_secret("authorization", "api_key")
        .query("mode", "test");
    assert_eq!(matcher.differences(&charge(), &known()), Vec::<String>::new());
    let form = request("/charges", "amount=5&card=4242424242424242");
    let matcher = post("/charges").form("amount", "5").form_slot("card", Slot::Number);
    assert_eq!(matcher.differences(&form, &known()), Vec::<String>::new());
}

#[test]
fn each_difference_is_named() {
    for (matcher, difference) in [
        (get("/charges"), "the method is POST, expected GET"),
        (post("/refunds"), "the path is /charges, expected /refunds"),
        (post("/charges").json("/amount", 6), "JSON /amount is 5, expected 6"),
        (
            post("/charges").json("/tip", json!({"a": 1})),
            r#"JSON /tip is missing, expected {"a":1}"#,
        ),
        (
            post("/charges").json_slot("/amount", Slot::Number),
            "JSON /amount is 5, expected the card's number",
        ),
        (
            post("/charges").json_slot("/nothing", Slot::Eci),
            "JSON /nothing is missing, expected the card's eci, which the card does not have",
        ),
        (
            post("/charges").header("x-trace", "t2"),
            r#"header x-trace is "t1", expected "t2""#,
        ),
        (
            post("/charges").header_secret("x-trace", "api_key"),
            "header x-trace is t1, expected the secret `api_key`",
        ),
        (
            post("/charges").header_secret("x-key", "unknown"),
            "header x-key is missing, expected the secret `unknown`",
        ),
        (
            post("/charges").query("mode", "live"),
            r#"query parameter mode is "test", expected "live""#,
        ),
        (
            post("/charges").form("a", "b"),
            r#"form field a is missing, expected "b""#,
        ),
        (
            post("/charges").form_slot("a", Slot::Number),
            "form field a is missing, expected the card's number",
        ),
    ] {
        assert_eq!(matcher.differences(&charge(), &known()), [difference], "{matcher}");
    }
}

#[test]
fn another_path_is_further_away_than_other_contents() {
    let (here, there) = (
        post("/charges").json("/amount", 6).query("mode", "live"),
        post("/refunds"),
    );
    assert!(here.distance(&charge(), &known()) < there.distance(&charge(), &known()));
}

#[test]
fn without_a_card_no_slot_fits() {
    let known = KnownValues::default();
    let matcher = post("/charges").json_slot("/card/number", Slot::Number);
    assert_eq!(matcher.differences(&charge(), &known).len(), 1);
}
