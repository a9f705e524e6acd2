//! `tillhouse plugin run` of a charge, with a test card and a simulated processor as the upstream.

use libtest_mimic::Trial;
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tillhouse_tests::process::CommandOutput;

use crate::inputs::charge_order;
use crate::{run_with, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "charge::a_test_card_is_charged_at_the_upstream_and_never_shown",
            a_test_card_is_charged_at_the_upstream_and_never_shown,
        ),
        trial("charge::a_decline_is_an_answer", a_decline_is_an_answer),
        trial(
            "charge::an_upstream_that_was_not_given_is_not_reached_and_named",
            an_upstream_that_was_not_given_is_not_reached_and_named,
        ),
    ]
}

fn charge(sandbox: &Sandbox, card: &str) -> CommandOutput {
    let upstream = format!("acquirer={}", sandbox.acquirer.url());
    let secret = format!("api_key={}", sandbox.acquirer.api_key().reveal());
    let words = ["--upstream", &upstream, "--secret", &secret, "--card", card];
    run_with(
        "plugins/sandbox-processor",
        "payments.charge",
        &charge_order(4598),
        &words,
    )
}

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxConfig::default()).await.unwrap()
}

async fn a_test_card_is_charged_at_the_upstream_and_never_shown() {
    let sandbox = sandbox().await;
    let output = charge(&sandbox, "visa").expect_exit(0);
    let approved = &output.json["result"]["approved"];
    assert_eq!(approved["amount"]["minor"], 4598, "{}", output.text);
    let charges = sandbox.acquirer.ledger().charges();
    let [charge] = charges.as_slice() else {
        panic!("expected one charge, got {charges:?}")
    };
    assert_eq!(charge.amount, 4598);
    assert_eq!(approved["processor_reference"], charge.id.as_str());
    let request = &output.json["requests"][0];
    assert_eq!(
        (
            request["method"].as_str(),
            request["path"].as_str(),
            request["status"].as_u64()
        ),
        (Some("POST"), Some("/v1/charges"), Some(201)),
        "{request:#}"
    );
    for secret in ["4242424242424242", sandbox.acquirer.api_key().reveal()] {
        assert!(
            !output.text.contains(secret),
            "the secret {secret} appears in {}",
            output.text
        );
    }
}

async fn a_decline_is_an_answer() {
    let sandbox = sandbox().await;
    let output = charge(&sandbox, "insufficientFunds").expect_exit(0);
    assert_eq!(
        output.json["result"]["declined"]["code"], "insufficient_funds",
        "{}",
        output.text
    );
}

async fn an_upstream_that_was_not_given_is_not_reached_and_named() {
    let output = run_with("plugins/sandbox-processor", "payments.charge", &charge_order(4598), &[]).expect_exit(1);
    assert_eq!(output.json["outcome"], "failure", "{}", output.text);
    assert!(output.text.contains("give --upstream acquirer=URL"), "{}", output.text);
}
