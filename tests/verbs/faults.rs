//! Faults, broken contract rules and exceeded limits, as `tillhouse plugin run` reports them.

use libtest_mimic::Trial;
use serde_json::json;
use tillhouse_tests::TestFolder;
use tillhouse_tests::process::CommandOutput;

use crate::inputs::{charge_order, line_amount};
use crate::{run_with, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "faults::a_fault_names_its_limit_its_size_and_what_to_do",
            a_fault_names_its_limit_its_size_and_what_to_do,
        ),
        trial(
            "faults::a_panic_is_reported_with_its_source_line_and_without_addresses",
            a_panic_is_reported_with_its_source_line_and_without_addresses,
        ),
        trial(
            "faults::wrong_totals_are_reported_with_the_rule_and_the_fix",
            wrong_totals_are_reported_with_the_rule_and_the_fix,
        ),
        trial(
            "faults::a_quote_that_a_host_accepts_is_not_an_error",
            a_quote_that_a_host_accepts_is_not_an_error,
        ),
        trial(
            "faults::an_undeclared_upstream_is_reported_with_the_lines_to_add",
            an_undeclared_upstream_is_reported_with_the_lines_to_add,
        ),
        trial(
            "faults::a_request_of_a_function_that_may_not_send_is_shown_and_explained",
            a_request_of_a_function_that_may_not_send_is_shown_and_explained,
        ),
    ]
}

const HOSTILE: &str = "tests/hostile-plugin";
const CARELESS: &str = "tests/careless-plugin";

fn cart_of(item: &str) -> String {
    format!(r#"{{"lines": [{{"id": "l1", "item": "{item}", "quantity": 3}}], "codes": ["SPRING"]}}"#)
}

async fn a_fault_names_its_limit_its_size_and_what_to_do() {
    for (attack, fault, limit, remedy) in [
        ("spin", "cpu-budget", Some("50 ms of CPU"), "do less in one call"),
        ("memory", "memory", Some("32 MiB of memory"), "keep less in memory"),
        (
            "huge-output",
            "output-too-large",
            Some("1 MiB from the plugin"),
            "shorter texts",
        ),
        ("deep-recursion", "trap", None, "recurse less deeply"),
        ("trap", "trap", None, "trapped without a panic message"),
    ] {
        let cart = cart_of(&format!("price:{attack}"));
        let output = run_with(HOSTILE, "pricing.price", &cart, &[]).expect_exit(1);
        assert_eq!(output.json["outcome"], "fault", "{}", output.text);
        let reported = &output.json["fault"];
        assert_eq!(reported["name"], fault, "{}", output.text);
        match limit {
            Some(limit) => assert!(reported["limit"].as_str().unwrap().contains(limit), "{reported:#}"),
            None => assert!(reported["limit"].is_null(), "{reported:#}"),
        }
        assert!(reported["remedy"].as_str().unwrap().contains(remedy), "{reported:#}");
    }
}

async fn a_panic_is_reported_with_its_source_line_and_without_addresses() {
    let files = TestFolder::new();
    let config = files.write("config.toml", "mistake = \"unknown-item\"\n");
    let words = ["--config", config.to_str().unwrap()];
    let output = run_with(CARELESS, "pricing.price", &cart_of("nothing"), &words).expect_exit(1);
    let reported = &output.json["fault"];
    let detail = reported["detail"].as_str().unwrap();
    assert!(detail.starts_with("panicked at "), "{detail}");
    assert!(detail.contains("src/price.rs:"), "{detail}");
    assert!(detail.ends_with(": no such item: nothing"), "{detail}");
    assert!(
        reported["remedy"].as_str().unwrap().contains("fix the code there"),
        "{reported:#}"
    );
    assert!(!output.text.contains("RUST_BACKTRACE"), "{}", output.text);
}

async fn wrong_totals_are_reported_with_the_rule_and_the_fix() {
    for (attack, rule, detail, remedy) in [
        (
            "negative-price",
            "L4",
            "unit price of line l1: amount -1 is negative",
            "a discount",
        ),
        ("overflow", "L4", "unit price of line l1", "minor units"),
        (
            "discount-over-base",
            "L2",
            "line l1: discounts of 1099511627776 on a base of 7500",
            "at its base, unit_price × quantity",
        ),
        (
            "order-discount-over-subtotal",
            "T6",
            "on a subtotal of 7500",
            "cap the allocations to the order",
        ),
        ("negative-discount", "D1", "-100 is negative", "1 minor unit or more"),
        (
            "unanswered-code",
            "D4",
            "\"SPRING\" is neither applied nor rejected",
            "answer every code",
        ),
        (
            "missing-line",
            "ids",
            "line l1 must be priced exactly once",
            "ids of the question",
        ),
    ] {
        let cart = cart_of(&format!("price:{attack}"));
        let output = run_with(HOSTILE, "pricing.price", &cart, &[]).expect_exit(1);
        refused(&output, rule, detail, remedy);
        assert_eq!(
            output.json["outcome"], "value",
            "the output shows the plugin's result: {}",
            output.text
        );
    }
    for (attack, rule, detail, remedy) in [
        ("negative", "L4", "tax on line l1: amount -1 is negative", "minor units"),
        (
            "wrong-parts",
            "parts",
            "the tax on line l1 is 100 minor units, and its parts",
            "sum of its parts",
        ),
        ("twice", "ids", "line l1 is taxed twice", "ids of the question"),
        (
            "unknown-fee",
            "ids",
            "tax on fee nothing, which does not exist",
            "ids of the question",
        ),
    ] {
        let output = run_with(HOSTILE, "tax.assess", &taxable(&format!("tax:{attack}")), &[]).expect_exit(1);
        refused(&output, rule, detail, remedy);
    }
}

fn taxable(item: &str) -> String {
    json!({"lines": [line_amount(item, 1, 500)]}).to_string()
}

#[track_caller]
fn refused(output: &CommandOutput, rule: &str, detail: &str, remedy: &str) {
    assert_eq!(output.json["ok"], false, "{}", output.text);
    let broken = &output.json["broken"];
    assert_eq!(broken["rule"], rule, "{}", output.text);
    assert!(broken["detail"].as_str().unwrap().contains(detail), "{broken:#}");
    assert!(broken["remedy"].as_str().unwrap().contains(remedy), "{broken:#}");
}

async fn a_quote_that_a_host_accepts_is_not_an_error() {
    let priced = run_with(HOSTILE, "pricing.price", &cart_of("anything"), &[]).expect_exit(0);
    assert!(priced.json.get("broken").is_none(), "{}", priced.text);
    let taxed = run_with(HOSTILE, "tax.assess", &taxable("anything"), &[]).expect_exit(0);
    assert!(taxed.json.get("broken").is_none(), "{}", taxed.text);
    // An unknown item is a valid result. The only catalog is the one beside the manifest.
    let files = TestFolder::new();
    let manifest = std::fs::read_to_string(crate::plugin(CARELESS) + "/plugin.toml").unwrap();
    let manifest = files.write("plugin.toml", manifest);
    let words = ["--manifest", manifest.to_str().unwrap()];
    let unknown = run_with(CARELESS, "pricing.price", &cart_of("nothing"), &words).expect_exit(0);
    assert_eq!(
        unknown.json["result"]["unknown"],
        serde_json::json!(["l1"]),
        "{}",
        unknown.text
    );
    let note = unknown.json["notes"][0].as_str().unwrap();
    assert!(note.contains("--catalog"), "{note}");
}

async fn an_undeclared_upstream_is_reported_with_the_lines_to_add() {
    let files = TestFolder::new();
    let manifest = "[plugin]\nid = \"hostile\"\nversion = \"0.1.0\"\napi = \"tillhouse:merchant@0.2\"\n";
    let manifest = files.write("plugin.toml", manifest);
    let words = ["--manifest", manifest.to_str().unwrap()];
    let output = run_with(HOSTILE, "payments.charge", &charge_order(100), &words).expect_exit(0);
    let note = output.json["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("plugin.toml does not ask for the upstream acquirer"),
        "{note}"
    );
    assert!(note.contains("[[upstream]]\n    name = \"acquirer\""), "{note}");
}

async fn a_request_of_a_function_that_may_not_send_is_shown_and_explained() {
    let output = run_with(HOSTILE, "pricing.price", &cart_of("price:egress"), &[]).expect_exit(1);
    let request = &output.json["requests"][0];
    assert_eq!(
        (request["upstream"].as_str(), request["path"].as_str()),
        (Some("acquirer"), Some("/v1/charges")),
        "{}",
        output.text
    );
    assert!(request["status"].is_null(), "{request:#}");
    let error = request["error"].as_str().unwrap();
    assert!(error.contains("may not be used by pricing.price"), "{error}");
    let notes = output.json["notes"].as_array().unwrap();
    let note = notes.iter().filter_map(|note| note.as_str());
    let note = note
        .into_iter()
        .find(|note| note.starts_with("pricing.price may not send requests"));
    assert!(note.unwrap().contains("fulfillment.options"), "{notes:?}");
    assert!(
        !output.text.contains("[[upstream]]"),
        "the message must not suggest an upstream: {}",
        output.text
    );
}
