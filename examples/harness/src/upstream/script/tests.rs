use super::*;
use crate::card;
use crate::upstream::matcher::{get, post};

fn script(matchers: &[Matcher]) -> Script {
    let expectation = |matcher: &Matcher| {
        Expectation::new(
            matcher.clone(),
            UpstreamAnswer::Text(200, String::new()),
            Duration::ZERO,
        )
    };
    Script {
        expectations: matchers.iter().map(expectation).collect(),
        known: KnownValues {
            card: Some(card::visa()),
            secrets: [("api_key".to_owned(), "sk_secret".to_owned())].into(),
        },
        ..Script::default()
    }
}

fn charge(body: &str) -> Received {
    let mut request = Received::new("POST", "/charges", body);
    request
        .headers
        .push(("authorization".into(), "Bearer sk_secret".into()));
    request.headers.push(("host".into(), "127.0.0.1".into()));
    request
}

#[test]
fn the_first_expectation_with_calls_left_answers() {
    let mut script = script(&[post("/charges"), post("/charges")]);
    script.expectations[0].times = Some(1);
    for _ in 0..3 {
        script.answer("acquirer", charge("{}"));
    }
    let calls: Vec<u32> = script
        .expectations
        .iter()
        .map(|expectation| expectation.calls)
        .collect();
    assert_eq!(calls, [1, 2]);
    assert_eq!((script.unexpected.len(), script.received.len()), (0, 3));
}

#[test]
fn an_unexpected_request_is_shown_masked_with_the_closest_expectation() {
    let mut script = script(&[
        get("/charges"),
        post("/refunds"),
        post("/charges").json("/amount", 5).json("/tip", 1),
    ]);
    let MatchedAnswer { answer, .. } = script.answer("acquirer", charge(r#"{"amount":5,"number":"4242424242424242"}"#));
    assert!(matches!(answer, UpstreamAnswer::Json(501, _)));
    assert_eq!(
        script.unexpected,
        [concat!(
            "upstream `acquirer` got a request that it does not expect:\n",
            "  POST /charges\n",
            "  authorization: Bearer {api_key}\n",
            "  {\"amount\":5,\"number\":\"{number}\"}\n",
            "the closest expectation is post(\"/charges\").json(\"/amount\", 5).json(\"/tip\", 1):\n",
            "  - JSON /tip is missing, expected 1"
        )]
    );
}

#[test]
fn card_data_in_a_difference_is_masked() {
    let mut script = script(&[post("/charges").json("/number", "x")]);
    script.answer("acquirer", charge(r#"{"number":"4242424242424242"}"#));
    let message = script.unexpected.pop().unwrap();
    assert!(
        message.contains("JSON /number is \"{number}\", expected \"x\""),
        "{message}"
    );
    assert!(!message.contains("4242"), "{message}");
}

#[test]
fn one_call_too_many_is_reported_as_such() {
    let mut script = script(&[post("/charges")]);
    script.expectations[0].times = Some(1);
    script.answer("acquirer", charge("{}"));
    script.answer("acquirer", charge("{}"));
    let message = script.unexpected.pop().unwrap();
    assert!(
        message.ends_with("  - it was already called 1 times, and no more calls were expected"),
        "{message}"
    );
}

#[test]
fn without_expectations_the_message_shows_how_to_script_one() {
    let mut script = script(&[]);
    script.answer("acquirer", charge(""));
    assert!(
        script.unexpected[0].contains("env.upstream(\"acquirer\").expect("),
        "{:?}",
        script.unexpected
    );
}

#[test]
fn a_request_that_was_refused_counts_for_the_expectation_that_refuses() {
    let mut script = script(&[post("/charges")]);
    script.expectations[0].answer = UpstreamAnswer::Fault(Fault::Refused);
    assert!(script.is_down());
    script.count_refused("acquirer", "POST", "/charges");
    script.count_refused("acquirer", "POST", "/other");
    assert_eq!((script.expectations[0].calls, script.unexpected.len()), (1, 0));
}

#[test]
fn each_expectation_has_its_turn_at_being_down() {
    let mut script = script(&[get("/charges"), post("/charges"), post("/charges"), post("/charges")]);
    for (index, answer) in [
        (1, UpstreamAnswer::Text(200, String::new())),
        (2, UpstreamAnswer::Fault(Fault::Refused)),
    ] {
        script.expectations[index].answer = answer;
        script.expectations[index].times = Some(1);
    }
    assert!(!script.is_down(), "an earlier expectation answers first");
    script.answer("acquirer", charge("{}"));
    assert_eq!((script.is_down(), script.refusals_left()), (true, Some(1)));
    script.count_refused("acquirer", "POST", "/charges");
    assert_eq!((script.is_down(), script.refusals_left()), (false, None));
    script.answer("acquirer", charge("{}"));
    let calls: Vec<u32> = script
        .expectations
        .iter()
        .map(|expectation| expectation.calls)
        .collect();
    assert_eq!((calls, script.unexpected.len()), (vec![0, 1, 1, 1], 0));
}

#[test]
fn one_refusal_too_many_within_a_call_is_reported() {
    let mut script = script(&[post("/charges")]);
    script.expectations[0].answer = UpstreamAnswer::Fault(Fault::Refused);
    script.expectations[0].times = Some(1);
    script.count_refused("acquirer", "POST", "/charges");
    script.count_refused("acquirer", "POST", "/charges");
    assert_eq!(
        script.unexpected,
        [concat!(
            "upstream `acquirer`: post(\"/charges\") was refused 2 times, but at most 1 were expected: ",
            "an upstream that is down comes up between two calls of a test, never within one"
        )]
    );
}
