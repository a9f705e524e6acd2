//! `tillhouse plugin bench`: the cost of functions by cart size, and its JSON output.

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_tests::TestFolder;

use crate::{trial, verb};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "bench::every_size_is_measured_and_every_limit_has_its_cart",
            every_size_is_measured_and_every_limit_has_its_cart,
        ),
        trial(
            "bench::a_limit_that_a_small_cart_meets_is_found_and_fails",
            a_limit_that_a_small_cart_meets_is_found_and_fails,
        ),
        trial(
            "bench::a_function_that_is_not_asked_about_carts_is_answered_with_those_that_are",
            a_function_that_is_not_asked_about_carts_is_answered_with_those_that_are,
        ),
        trial(
            "bench::a_plugin_without_functions_on_carts_gets_a_note",
            a_plugin_without_functions_on_carts_gets_a_note,
        ),
        trial(
            "bench::without_a_catalog_it_says_that_no_item_is_known",
            without_a_catalog_it_says_that_no_item_is_known,
        ),
    ]
}

const SHOP: &str = "plugins/reference-shop";

fn numbers(rows: &Value, field: &str) -> Vec<u64> {
    let rows = rows.as_array().unwrap();
    rows.iter().map(|row| row[field].as_u64().unwrap()).collect()
}

async fn every_size_is_measured_and_every_limit_has_its_cart() {
    let words = [
        "--json",
        "--samples",
        "3",
        "--up-to",
        "400",
        "--function",
        "pricing.price",
        "--function",
        "tax.assess",
    ];
    let output = verb("bench", SHOP, &words).expect_exit(0);
    let functions = output.json["functions"].as_array().unwrap();
    let names: Vec<_> = functions.iter().map(|it| it["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["pricing.price", "tax.assess"]);
    for function in functions {
        let sizes = &function["sizes"];
        assert_eq!(numbers(sizes, "lines"), [1, 2, 5, 10, 20, 50, 100, 200]);
        let instructions = numbers(sizes, "instructions");
        assert!(
            instructions.is_sorted() && instructions[7] > 10 * instructions[0],
            "{instructions:?}"
        );
        let answers = numbers(sizes, "answer_bytes");
        // Line ids are up to two characters longer in larger carts, and an item that is not taxed has a shorter answer.
        let evenly = answers[0] + 199 * (answers[1] - answers[0]);
        assert!(
            (evenly * 19 / 20..evenly * 21 / 20).contains(&answers[7]),
            "{answers:?}"
        );
        assert!(numbers(sizes, "memory_bytes").iter().all(|bytes| *bytes >= 1 << 16));
        let limits = function["limits"].as_array().unwrap();
        let kinds: Vec<_> = limits.iter().map(|it| it["limit"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["cpu", "memory", "answer"]);
        let answer = &limits[2];
        // Every line adds the same number of bytes, so the limit of 1 MiB is extrapolated beyond the largest measured cart.
        let expected = 200 * (1 << 20) / answers[7];
        let lines = answer["lines"].as_u64().unwrap();
        assert!(
            lines.abs_diff(expected) < expected / 20,
            "expected about {expected} lines, got {lines}"
        );
        assert_eq!(answer["measured"], false);
    }
}

async fn a_limit_that_a_small_cart_meets_is_found_and_fails() {
    let files = TestFolder::new();
    let catalog = files.write(
        "catalog.csv",
        "id,title,price,availability\nprice:huge-output,Too much,1.00 USD,in_stock\n",
    );
    let words = [
        "--json",
        "--samples",
        "1",
        "--function",
        "pricing.price",
        "--catalog",
        catalog.to_str().unwrap(),
    ];
    let output = verb("bench", "tests/hostile-plugin", &words).expect_exit(1);
    let limits = output.json["functions"][0]["limits"].as_array().unwrap().clone();
    let answer = limits.iter().find(|it| it["limit"] == "answer").unwrap();
    assert_eq!(
        (answer["lines"].as_u64(), answer["measured"].as_bool()),
        (Some(1), Some(true)),
        "{answer:#}"
    );
}

async fn a_function_that_is_not_asked_about_carts_is_answered_with_those_that_are() {
    let output = verb("bench", SHOP, &["--function", "lifecycle.validate-config"]).expect_exit(1);
    assert!(
        output.text.contains("available: pricing.price, inventory.check"),
        "{}",
        output.text
    );
}

async fn a_plugin_without_functions_on_carts_gets_a_note() {
    let output = verb("bench", "plugins/sandbox-processor", &[]).expect_exit(0);
    for needle in ["no function of this plugin takes a cart", "tillhouse plugin run --list"] {
        assert!(output.text.contains(needle), "{needle:?} is not in {}", output.text);
    }
    let output = verb("bench", "plugins/sandbox-processor", &["--json"]).expect_exit(0);
    assert_eq!(output.json["functions"], serde_json::json!([]));
    let note = output.json["notes"][0].as_str().unwrap();
    assert!(note.contains("no function of this plugin takes a cart"), "{note}");
}

async fn without_a_catalog_it_says_that_no_item_is_known() {
    let files = TestFolder::new();
    let out = files.path().join("release");
    let built = verb("build", SHOP, &["--json", "--out", out.to_str().unwrap()]).expect_exit(0);
    let component = built.json["plugins"][0]["component"].as_str().unwrap();
    let config = crate::plugin(SHOP) + "/default-config.toml";
    let words = [
        "plugin",
        "bench",
        component,
        "--json",
        "--samples",
        "1",
        "--up-to",
        "200",
        "--config",
        &config,
    ];
    let all = [&words[..], &["--function", "inventory.check"]].concat();
    let output = tillhouse_tests::process::tillhouse(&all);
    let note = output.json["notes"][0].as_str().unwrap();
    assert!(
        note.contains("there is no catalog") && note.contains("--catalog FILE.csv"),
        "{note}"
    );
    let tax = [&words[..], &["--function", "tax.assess"]].concat();
    let output = tillhouse_tests::process::tillhouse(&tax);
    assert_eq!(
        output.json["notes"],
        serde_json::json!([]),
        "tax.assess needs no catalog, so there is no note: {}",
        output.text
    );
}
