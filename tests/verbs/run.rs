//! `tillhouse plugin run`: single calls of a plugin's functions.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::inputs::{draft, line_amount, order_event};
use crate::{run_with, trial, verb};

const SHOP: &str = "plugins/reference-shop";

/// A cart of the plugin contract: two tees and an address.
const CART: &str = r#"{"lines": [{"id": "l1", "item": "tee-classic", "quantity": 2}],
    "destination": {"name": "Jane", "company": "", "line_one": "1 Main St", "line_two": "", "city": "San Francisco",
        "region": "CA", "country": "US", "postal_code": "94105"}}"#;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "run::every_capability_of_the_shop_answers",
            every_capability_of_the_shop_answers,
        ),
        trial(
            "run::a_bare_cart_and_named_arguments_are_the_same",
            a_bare_cart_and_named_arguments_are_the_same,
        ),
        trial(
            "run::configuration_currency_and_time_reach_the_plugin",
            configuration_currency_and_time_reach_the_plugin,
        ),
        trial(
            "run::a_number_with_a_fraction_is_refused_by_every_verb_that_takes_a_configuration",
            a_number_with_a_fraction_is_refused_by_every_verb_that_takes_a_configuration,
        ),
        trial(
            "run::the_list_has_every_function_with_what_it_takes",
            the_list_has_every_function_with_what_it_takes,
        ),
        trial(
            "run::a_mistake_is_answered_with_what_would_be_right",
            a_mistake_is_answered_with_what_would_be_right,
        ),
        trial(
            "run::people_read_the_answer_and_its_cost",
            people_read_the_answer_and_its_cost,
        ),
    ]
}

async fn every_capability_of_the_shop_answers() {
    let cart: Value = serde_json::from_str(CART).unwrap();
    let amounts = [line_amount("tee-classic", 2, 2500)];
    let destinations = [json!({"address": cart["destination"]})];
    let reservation =
        r#"{"id": "r1", "lines": [{"id": "l1", "item": "tee-classic", "quantity": 2}], "expires": 4102444800000}"#;
    let lines = r#"[{"id": "l1", "item": "tee-classic", "quantity": 2}]"#;
    let questions = [
        ("pricing.price", CART.to_owned(), "/lines/0/unit_price", json!(2500)),
        ("pricing-redemption.redeem", r#"["SAVE10"]"#.into(), "", json!(null)),
        ("pricing-redemption.restore", r#"["SAVE10"]"#.into(), "", json!(null)),
        ("inventory.check", lines.into(), "/0/available", json!(120)),
        ("inventory.reserve", reservation.into(), "", json!("reserved")),
        ("inventory.release", reservation.into(), "", json!(null)),
        (
            "fulfillment.options",
            json!({"cart": cart, "amounts": amounts}).to_string(),
            "/options/0/price",
            json!(599),
        ),
        (
            "tax.assess",
            json!({"lines": amounts, "destinations": destinations}).to_string(),
            "/taxes/rates/lines/0/rates/0/rate",
            json!(72_500),
        ),
        (
            "risk.assess",
            format!(r#"{{"cart": {CART}, "total": 5000}}"#),
            "",
            json!("allow"),
        ),
        (
            "orders.identify",
            draft(CART, 5000),
            "/permalink",
            json!("https://shop.example/orders/ord_2b8xdqwsb5kcdyc43ekgkhdw4d"),
        ),
        ("orders.notify", order_event(CART, 5000), "", json!(null)),
        ("presentation.describe", r#"["tee-classic"]"#.into(), "", json!([])),
        (
            "presentation.page",
            CART.to_owned(),
            "/links/0/url",
            json!("https://shop.example/privacy"),
        ),
        ("quoting.quote", CART.to_owned(), "/offer/options/0/price", json!(599)),
        ("lifecycle.validate-config", "{}".into(), "", json!([])),
    ];
    for (function, input, pointer, expected) in questions {
        let output = run_with(SHOP, function, &input, &[]).expect_exit(0);
        assert_eq!(output.json["outcome"], "value", "{function}: {}", output.text);
        let result = &output.json["result"];
        assert_eq!(result.pointer(pointer), Some(&expected), "{function}: {result:#}");
        assert!(
            output.json["instructions"].as_u64() > Some(1_000),
            "{function}: {}",
            output.text
        );
        assert!(
            output.json["memory_bytes"].as_u64() > Some(0),
            "{function}: {}",
            output.text
        );
    }
    let output = run_with(SHOP, "orders.notify", &order_event(CART, 1), &[]);
    let logged = output.json["log"][0]["text"].as_str().unwrap();
    assert!(logged.contains("order=o1"), "{logged}");
}

async fn a_bare_cart_and_named_arguments_are_the_same() {
    let named = format!(r#"{{"cart": {CART}, "ctx": {{"locale": "de"}}}}"#);
    let bare = run_with(SHOP, "pricing.price", CART, &[]).expect_exit(0);
    let named = run_with(SHOP, "pricing.price", &named, &[]).expect_exit(0);
    assert_eq!(bare.json["result"], named.json["result"]);
    let again = run_with(SHOP, "pricing.price", CART, &[]).expect_exit(0);
    assert_eq!(bare.json["instructions"], again.json["instructions"]);
}

async fn configuration_currency_and_time_reach_the_plugin() {
    let files = tillhouse_tests::TestFolder::new();
    let defaults = std::fs::read_to_string(crate::plugin(SHOP) + "/default-config.toml").unwrap();
    let config = files.write(
        "shop.toml",
        defaults + "\n[discounts.NEW]\ntitle = \"New\"\npercent = 50\nends = \"2030-01-01\"\n",
    );
    let catalog = files.write(
        "shop.csv",
        "id,title,price,availability\ntee-classic,Tee,30.00 EUR,in_stock\n",
    );
    let cart = r#"{"lines": [{"id": "l1", "item": "tee-classic", "quantity": 1}], "codes": ["NEW"]}"#;
    let at = |now| {
        let words = [
            "--config",
            config.to_str().unwrap(),
            "--catalog",
            catalog.to_str().unwrap(),
            "--currency",
            "eur",
            "--now",
            now,
        ];
        run_with(SHOP, "pricing.price", cart, &words).expect_exit(0).json["result"].clone()
    };
    let before = at("2029-12-31");
    assert_eq!(before["lines"][0]["unit_price"], 3000, "{before:#}");
    let off = &before["discounts"][0]["reduction"]["rate"];
    assert_eq!(off["rate"], 500_000, "{before:#}");
    let after = at("2030-02-01");
    assert_eq!(after["rejected"][0]["reason"], "discount_code_expired", "{after:#}");
}

async fn a_number_with_a_fraction_is_refused_by_every_verb_that_takes_a_configuration() {
    let files = tillhouse_tests::TestFolder::new();
    let defaults = std::fs::read_to_string(crate::plugin(SHOP) + "/default-config.toml").unwrap();
    for (written, currency, right) in [
        ("6.00", "usd", "write 600 (minor units of USD"),
        ("1e2", "usd", "write 10000 (minor units of USD"),
        ("5000.0", "jpy", "write 5000 (minor units of JPY"),
        ("1.5", "kwd", "write 1500 (minor units of KWD"),
    ] {
        let text = defaults.replace("price = 350\n", &format!("price = {written}\n"));
        let line = text.lines().position(|line| line.ends_with(written)).unwrap() + 1;
        let config = files.write("shop.toml", text);
        let words = ["--config", config.to_str().unwrap(), "--currency", currency];
        for output in [
            run_with(SHOP, "pricing.price", CART, &words),
            verb("bench", SHOP, &[&words[..], &["--function", "pricing.price"]].concat()),
            verb("dev", SHOP, &words),
        ] {
            let output = output.expect_exit(1).text;
            assert!(output.contains(&format!("shop.toml:{line}")), "{output}");
            assert!(
                output.contains("fees.gift-wrap.price: is ") && output.contains(right),
                "{output}"
            );
        }
    }
}

async fn the_list_has_every_function_with_what_it_takes() {
    let output = verb("run", "plugins/sandbox-processor", &["--list", "--json"]).expect_exit(0);
    let functions = output.json["functions"].as_array().unwrap();
    let charge = functions.iter().find(|it| it["function"] == "payments.charge").unwrap();
    assert_eq!(charge["parameters"], json!(["order"]));
    assert_eq!(charge["made_up"], json!(["op", "credential"]));
    let text = verb("run", SHOP, &["--list"]).expect_exit(0).text;
    assert!(text.contains("pricing.price([ctx], cart)"), "{text}");
    assert!(text.contains("orders.identify([ctx], [op], draft)"), "{text}");
}

/// Function, input, further arguments, expected exit code, and texts that the output must contain.
type Mistake<'a> = (&'a str, &'a str, &'a [&'a str], i32, &'a [&'a str]);

async fn a_mistake_is_answered_with_what_would_be_right() {
    let files = tillhouse_tests::TestFolder::new();
    let config = files.write("wrong.toml", "[limits]\nmax-quantity = \"many\"\n");
    let broken = files.write("broken.toml", "[limits\n");
    let unknown = files.write("unknown.toml", "colour = \"red\"\n");
    let json = files.write("config.json", "{\"colour\": \"red\"}\n");
    let (config, broken) = (config.to_str().unwrap(), broken.to_str().unwrap());
    let (unknown, json) = (unknown.to_str().unwrap(), json.to_str().unwrap());
    let price = "pricing.price";
    let cases: &[Mistake<'_>] = &[
        (
            "pricing.prise",
            CART,
            &[],
            1,
            &["does not export pricing.prise", "pricing.price([ctx], cart)"],
        ),
        (
            price,
            r#"{"lines": [{"id": "l1", "item": "tee", "quantity": -1}]}"#,
            &[],
            1,
            &[
                "cart.lines[0].quantity: is -1; expected an integer",
                "pricing.price([ctx], cart)",
            ],
        ),
        (
            price,
            r#"{"lines": [{"id": "l1", "item": "tee"}]}"#,
            &[],
            1,
            &["cart.lines[0].quantity: is missing"],
        ),
        (
            price,
            r#"{"lanes": []}"#,
            &[],
            1,
            &["cart.lanes: unknown field; expected one of: lines, codes"],
        ),
        (price, "{", &[], 1, &["is not JSON", "line 1"]),
        (
            price,
            CART,
            &["--config", config],
            1,
            &[
                "wrong.toml:2: limits.max-quantity: ",
                "is not of type",
                "does not match",
                "wrong.toml: shipping is missing",
            ],
        ),
        (
            price,
            CART,
            &["--config", unknown],
            1,
            &["unknown.toml:1: unknown key colour", "properties in config.schema.json"],
        ),
        (
            price,
            CART,
            &["--config", json],
            1,
            &["config.json:1: ", "looks like JSON"],
        ),
        (
            price,
            CART,
            &["--config", broken],
            1,
            &["broken.toml:1: ", "fix the TOML"],
        ),
        (price, CART, &["--config", "nowhere.toml"], 2, &["nowhere.toml"]),
        (price, CART, &["--catalog", "nowhere.csv"], 2, &["nowhere.csv"]),
        (
            price,
            CART,
            &["--upstream", "bank=https://bank.example"],
            2,
            &["does not ask for this upstream"],
        ),
        (
            price,
            CART,
            &["--secret", "key=@NO_SUCH_VARIABLE_HERE"],
            2,
            &["does not ask for this secret"],
        ),
        (
            price,
            CART,
            &["--upstream", "bank=http://bank.example"],
            2,
            &["plain http"],
        ),
        (
            price,
            CART,
            &["--card", "gold"],
            2,
            &["unknown test card", "insufficientFunds"],
        ),
        (price, CART, &["--now", "tomorrow"], 2, &["2026-11-21"]),
    ];
    for (function, input, words, code, needles) in cases {
        let output = run_with(SHOP, function, input, words).expect_exit(*code);
        for needle in *needles {
            assert!(
                output.text.contains(needle),
                "{words:?}: {needle:?} is not in {}",
                output.text
            );
        }
        assert_eq!(output.json["ok"], false, "{}", output.text);
    }
    let nowhere = tillhouse_tests::process::tillhouse(&["plugin", "run", "nowhere", "--list"]).expect_exit(2);
    assert!(nowhere.text.contains("Cargo.toml and plugin.toml"), "{}", nowhere.text);
}

async fn people_read_the_answer_and_its_cost() {
    let files = tillhouse_tests::TestFolder::new();
    let input = files.write("cart.json", CART);
    let words = ["--function", "pricing.price", "--input", input.to_str().unwrap()];
    let output = verb("run", SHOP, &words).expect_exit(0);
    for needle in ["\"unit_price\": 2500", "instructions", "128 KiB of 32 MiB", "time"] {
        assert!(output.text.contains(needle), "{needle:?} is not in {}", output.text);
    }
    assert!(
        !output.text.contains('\u{1b}'),
        "escape sequences for colors in output that is not a terminal: {}",
        output.text
    );
}
