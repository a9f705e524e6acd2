//! Scripted servers, and how a processor handles their answers.

use std::time::Duration;

use tillhouse_harness::prelude::*;
use tillhouse_harness::run;
use tillhouse_plugin::payments::Outcome;

use crate::{CARELESS, failure};

#[test]
fn a_charge_arrives_with_what_the_host_filled_in_and_the_plugin_never_saw() {
    run(CARELESS, async |env: Env| {
        env.secret("api_key", "sk_test_123456");
        let acquirer = env
            .upstream("acquirer")
            .expect(
                post("/v1/charges")
                    .header_secret("authorization", "api_key")
                    .header("idempotency-key", "key_7")
                    .json("/amount", 4598)
                    .json("/reference", "ref_7")
                    .json_slot("/card/number", Slot::Number),
            )
            .after(Duration::from_millis(1))
            .reply(201, json!({"id": "ch_1"}));
        let charge = env.payments().charge(order().total(45_98, "usd"), card::visa());
        let outcome = charge.operation(&operation("7")).await;
        assert_eq!(outcome, approved(45_98, "usd").reference("ch_ref_7").captured(true));
        acquirer.assert_called_once();
        assert_eq!(env.requests()[0].answer, Ok(201));
        env.usage().assert_under(instructions(2_000_000), mib(8), calls(1));
        env.assert_never_saw_card_data();
        env.assert_never_saw(&["sk_test_123456"]);
    });
}

#[test]
fn an_unexpected_request_fails_the_test_with_the_closest_expectation() {
    let said = failure(CARELESS, async |env: Env| {
        let acquirer = env
            .upstream("acquirer")
            .expect(
                post("/v1/charges")
                    .json("/amount", 1)
                    .json_slot("/card/number", Slot::Number),
            )
            .reply(201, json!({}));
        let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
        unreachable!("{outcome:?} {acquirer:?}");
    });
    for part in [
        "upstream `acquirer` got a request that it does not expect:\n  POST /v1/charges",
        "authorization: Bearer {api_key}",
        r#""number":"{number}""#,
        r#"the closest expectation is post("/v1/charges").json("/amount", 1)"#,
        "  - JSON /amount is 4598, expected 1",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("4242424242424242"), "{said}");
}

#[test]
fn each_fault_of_an_upstream_reaches_the_plugin_through_the_hosts_egress() {
    for fault in [
        Fault::Refused,
        Fault::Timeout,
        Fault::ResetAfterRequest,
        Fault::ResetBeforeAnswer,
        Fault::Truncated,
        Fault::Garbage,
    ] {
        run(CARELESS, async |env: Env| {
            let acquirer = env.upstream("acquirer").expect(post("/v1/charges")).fail(fault);
            let outcome = env.payments().charge(order(), card::visa()).await;
            assert_eq!(outcome, Ok(Outcome::Unknown(None)), "{fault:?}");
            acquirer.assert_called_once();
            assert!(env.requests()[0].answer.is_err(), "{fault:?}: {:?}", env.requests());
        });
    }
}

#[test]
fn card_data_that_an_upstream_slips_in_is_found_where_the_plugin_left_it() {
    let said = failure(CARELESS, async |env: Env| {
        env.config("mistake", "log-the-answer");
        let number = card::visa()
            .value(Slot::Number)
            .unwrap()
            .chars()
            .rev()
            .collect::<String>();
        let _ = env
            .upstream("acquirer")
            .expect(post("/v1/charges"))
            .reply(201, json!({"reversed": format!("{number} si rebmun drac eht")}));
        env.payments().charge(order(), card::visa()).await.unwrap();
        env.assert_never_saw_card_data();
    });
    assert!(
        said.contains("the card's number is in the plugin's memory after payments.charge"),
        "{said}"
    );
}

#[test]
fn an_upstream_missing_in_the_manifest_is_reported_by_name() {
    let said = failure(CARELESS, async |env: Env| drop(env.upstream("acquirers")));
    assert_eq!(
        said,
        "plugin.toml does not declare an [[upstream]] named `acquirers`; it declares: acquirer"
    );
}

#[test]
fn an_answer_that_panics_fails_the_test_with_message_and_location() {
    let said = failure(CARELESS, async |env: Env| {
        let acquirer = env
            .upstream("acquirer")
            .expect(post("/v1/charges"))
            .reply_with(|request| {
                assert_eq!(request.json().unwrap()["amount"], 4598, "the amount");
                (201, json!({}))
            });
        let outcome = env.payments().charge(order().total(1, "usd"), card::visa()).await;
        unreachable!("{outcome:?} {acquirer:?}");
    });
    for part in [
        "upstream `acquirer`: the function given to reply_with of post(\"/v1/charges\") panicked",
        "the amount",
        "right: 4598",
        "upstreams.rs:",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn an_upstream_is_up_again_after_its_refusals() {
    run(CARELESS, async |env: Env| {
        let acquirer = env.upstream("acquirer");
        let down = acquirer.expect(post("/v1/charges")).fail(Fault::Refused).times(1);
        let up = acquirer.expect(post("/v1/charges")).reply(201, json!({}));
        let charge = || env.payments().charge(order().total(45_98, "usd"), card::visa());
        assert_eq!(charge().await, Ok(Outcome::Unknown(None)));
        assert_eq!(
            charge().await,
            approved(45_98, "usd").reference("ch_ref_test").captured(true)
        );
        down.assert_called_once();
        up.assert_called_once();
    });
}

#[test]
fn an_upstream_goes_down_after_its_earlier_expectations() {
    run(CARELESS, async |env: Env| {
        let acquirer = env.upstream("acquirer");
        let up = acquirer.expect(post("/v1/charges")).reply(201, json!({})).times(1);
        let down = acquirer.expect(post("/v1/charges")).fail(Fault::Refused);
        let charge = || env.payments().charge(order().total(45_98, "usd"), card::visa());
        assert_eq!(
            charge().await,
            approved(45_98, "usd").reference("ch_ref_test").captured(true)
        );
        assert_eq!(charge().await, Ok(Outcome::Unknown(None)));
        up.assert_called_once();
        down.assert_called_once();
        assert_eq!(acquirer.requests().len(), 1, "the second connection was refused");
    });
}

#[test]
fn a_secret_missing_in_the_manifest_is_reported_by_name() {
    let said = failure(CARELESS, async |env: Env| {
        env.secret("api_kay", "sk_test_123456");
    });
    assert_eq!(
        said,
        "plugin.toml does not declare a secret named `api_kay`; it declares: api_key"
    );
}
