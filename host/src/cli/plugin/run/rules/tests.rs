//! One wrong answer for each rule, and the amounts of right ones.

use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp(1_000);

fn of(function: Function, asked: &Value, answer: &Value) -> Result<Option<Computed>, ContractError> {
    check(function, asked.as_object().unwrap(), answer, NOW)
}

fn computed(function: Function, asked: &Value, answer: &Value) -> Value {
    of(function, asked, answer).unwrap().unwrap().document()
}

fn broken(function: Function, asked: &Value, answer: &Value) -> Option<&'static str> {
    of(function, asked, answer).err().map(|broken| broken.rule.id())
}

/// A cart of two lines in a group each, with one code.
fn cart() -> Value {
    json!({
        "lines": [{"id": "l1", "item": "tee", "quantity": 2}, {"id": "l2", "item": "mug", "quantity": 1}],
        "codes": ["TEN"],
        "groups": [{"id": "home", "kind": "shipping", "lines": ["l1"]}, {"id": "work", "kind": "shipping", "lines": ["l2"]}],
    })
}

fn coupon() -> Value {
    json!({
        "id": "ten", "name": "10 % off", "terms": {"rate": 100_000}, "duration": null, "duration_in_months": null,
        "max_redemptions": null, "times_redeemed": null, "extensions": [],
    })
}

fn discount(reduction: &Value) -> Value {
    json!({
        "id": "d1", "code": "TEN", "coupon": coupon(), "method": "each", "priority": 1, "starts": null, "ends": null,
        "reduction": reduction, "extensions": [],
    })
}

fn rate_off(rate: u32, mode: &str) -> Value {
    json!({"rate": {"rate": rate, "targets": [], "rounding": {"mode": mode, "scope": "line"}}})
}

/// 20.00 for each tee and 10.00 for the mug, with tax, 10 % off.
fn prices() -> Value {
    json!({
        "lines": [
            {"line": "l1", "unit_price": 2_000, "tax_included": true, "max_quantity": null, "extensions": []},
            {"line": "l2", "unit_price": 1_000, "tax_included": true, "max_quantity": null, "extensions": []},
        ],
        "unknown": [], "discounts": [discount(&rate_off(100_000, "half-up"))], "rejected": [], "fees": [],
        "messages": [], "extensions": [],
    })
}

fn prices_with(pointer: &str, value: Value) -> Value {
    let mut prices = prices();
    *prices.pointer_mut(pointer).unwrap() = value;
    prices
}

fn option(id: &str, group: Option<&str>, lines: &[&str]) -> Value {
    json!({
        "id": id, "kind": "shipping", "title": id, "description": null, "carrier": null, "earliest": null, "latest": null,
        "price": 599, "tax_included": false, "lines": lines, "group": group, "place": null, "pickup_type": null,
        "ready_by": null, "pickup_by": null, "extensions": [],
    })
}

fn offer(options: &[Value], preselected: &Value) -> Value {
    json!({"options": options, "preselected": preselected, "messages": []})
}

fn rates(of: &[(&str, u32)], mode: &str) -> Value {
    let rated =
        |(id, rate): &(&str, u32)| json!({"id": id, "rates": [{"jurisdiction": "DE", "rate": rate}], "exempt": null});
    json!({
        "taxes": {"rates": {
            "lines": of.iter().map(rated).collect::<Vec<_>>(), "options": [], "fees": [],
            "rounding": {"mode": mode, "scope": "line"},
        }},
        "messages": [], "extensions": [],
    })
}

fn amounts_of(id: &str, amount: i64, parts: &Value) -> Value {
    json!({
        "taxes": {"amounts": {"lines": [{"id": id, "amount": amount, "parts": parts, "exempt": null}], "options": [], "fees": []}},
        "messages": [], "extensions": [],
    })
}

fn exempt(amount: i64) -> Value {
    let mut answer = amounts_of("l1", amount, &json!([]));
    answer["taxes"]["amounts"]["lines"][0]["exempt"] = json!("resale");
    answer
}

/// 36.00 with tax for the tees.
fn tax_request() -> Value {
    json!({"request": {"lines": [{
        "line": "l1", "item": "tee", "quantity": 2, "unit_price": 2_000, "tax_included": true, "base": 4_000,
        "discount": 400, "subtotal": 3_600, "order_discount": 0, "taxable": 3_600,
    }]}})
}

#[test]
fn a_price_that_breaks_a_rule_is_reported_with_the_rule() {
    let asked = json!({"cart": cart()});
    for (pointer, value, rule) in [
        ("/lines/0/unit_price", json!(-1), "L4"),
        ("/lines/1/line", json!("l1"), "ids"),
        ("/discounts/0/code", json!("OTHER"), "D4"),
        ("/discounts/0/coupon/terms", json!({"rate": 1_000_001}), "D3"),
        ("/discounts/0/coupon/duration", json!("monthly"), "D5"),
        ("/discounts/0/ends", json!(1_000), "D6"),
        ("/discounts/0/starts", json!(1_001), "D6"),
        ("/discounts/0/reduction", rate_off(100_000, "nearest"), "R2"),
        (
            "/discounts/0/reduction",
            json!({"amounts": [{"target": {"line": "l2"}, "amount": 1_001, "extensions": []}]}),
            "L2",
        ),
        (
            "/discounts/0/reduction",
            json!({"amounts": [{"target": "order", "amount": 0, "extensions": []}]}),
            "D1",
        ),
    ] {
        let answer = prices_with(pointer, value);
        assert_eq!(broken(Function::Price, &asked, &answer), Some(rule), "{answer:#}");
    }
    let unknown = prices_with("/unknown", json!(["l2"]));
    assert!(of(Function::Price, &asked, &unknown).unwrap().is_none());
}

#[test]
fn the_time_of_the_callers_own_context_counts() {
    let asked = json!({"cart": cart(), "ctx": {"now": 999}});
    let answer = prices_with("/discounts/0/ends", json!(1_000));
    assert_eq!(broken(Function::Price, &asked, &answer), None);
}

#[test]
fn an_offer_that_breaks_a_rule_is_reported_with_the_rule() {
    let asked = json!({"cart": cart(), "amounts": []});
    let both = [option("a", None, &[]), option("b", None, &[])];
    for (answer, rule) in [
        (offer(&both, &json!([{"option": "a", "lines": []}])), None),
        (
            offer(
                &both,
                &json!([{"option": "a", "lines": []}, {"option": "b", "lines": ["l2"]}]),
            ),
            Some("choices"),
        ),
        (offer(&both, &json!([{"option": "c", "lines": []}])), Some("ids")),
        (offer(&[option("a", Some("office"), &[])], &json!([])), Some("ids")),
        (
            offer(&[option("a", Some("home"), &["l2"])], &json!([])),
            Some("choices"),
        ),
        (offer(&[option("a", Some("home"), &["l1"])], &json!([])), None),
    ] {
        assert_eq!(broken(Function::Options, &asked, &answer), rule, "{answer:#}");
    }
}

#[test]
fn a_tax_that_breaks_a_rule_is_reported_with_the_rule() {
    for (answer, rule) in [
        (amounts_of("l1", 575, &json!([])), None),
        (amounts_of("l1", 3_601, &json!([])), Some("N1")),
        (amounts_of("l2", 1, &json!([])), Some("ids")),
        (amounts_of("l1", -1, &json!([])), Some("L4")),
        (
            amounts_of(
                "l1",
                575,
                &json!([{"jurisdiction": "DE", "rate": 190_000, "amount": 574}]),
            ),
            Some("parts"),
        ),
        (exempt(1), Some("exempt")),
        (rates(&[("l1", 1_000_001)], "half-up"), Some("R1")),
        (rates(&[("l1", 190_000)], "bankers"), Some("R2")),
        (rates(&[("l1", 190_000), ("l1", 190_000)], "half-up"), Some("ids")),
    ] {
        assert_eq!(broken(Function::AssessTax, &tax_request(), &answer), rule, "{answer:#}");
    }
}

#[test]
fn an_amount_that_the_caller_made_up_is_not_blamed_on_the_plugin() {
    let asked = json!({"request": {"lines": [{"line": "l1", "item": "tee", "taxable": -5}]}});
    let answer = amounts_of("l1", 1, &json!([]));
    assert!(of(Function::AssessTax, &asked, &answer).unwrap().is_none());
}

#[test]
fn stock_of_a_line_that_was_not_asked_about_is_reported() {
    let asked = json!({"lines": cart()["lines"]});
    let stock = |line: &str| json!([{"line": line, "availability": "in_stock", "available": null, "extensions": []}]);
    assert_eq!(broken(Function::CheckStock, &asked, &stock("l1")), None);
    assert_eq!(broken(Function::CheckStock, &asked, &stock("l3")), Some("ids"));
}

#[test]
fn a_percentage_is_shown_as_the_amount_that_it_takes_off() {
    let computed = computed(Function::Price, &json!({"cart": cart()}), &prices());
    let line = json!({"id": "l1", "price": 4_000, "discount": 400, "left": 3_600, "tax_included": true});
    assert_eq!(computed["lines"][0], line);
    let discount = json!({"id": "d1", "code": "TEN", "coupon": "ten", "name": "10 % off", "amount": 500});
    assert_eq!(computed["discounts"], json!([discount]));
}

#[test]
fn rates_are_shown_as_net_tax_and_total() {
    let computed = computed(
        Function::AssessTax,
        &tax_request(),
        &rates(&[("l1", 190_000)], "half-up"),
    );
    let line = json!({
        "id": "l1", "price": 3_600, "discount": 0, "net": 3_025, "tax": 575, "total": 3_600, "tax_included": true,
    });
    assert_eq!(computed["lines"], json!([line]));
}

#[test]
fn an_exemption_is_shown_with_its_reason() {
    let computed = computed(Function::AssessTax, &tax_request(), &exempt(0));
    assert_eq!(computed["lines"][0]["tax_exempt"], "resale");
    assert_eq!(computed["lines"][0]["total"], 3_600);
}

#[test]
fn a_whole_quote_is_shown_with_every_option_that_applies_and_its_totals() {
    let options = [
        option("home-std", Some("home"), &[]),
        option("work-std", Some("work"), &[]),
    ];
    let preselected = json!([{"option": "home-std", "lines": []}, {"option": "work-std", "lines": []}]);
    let mut answer = json!({
        "stock": [], "prices": prices(), "offer": offer(&options, &preselected),
        "taxes": rates(&[("l1", 190_000), ("l2", 190_000)], "half-up"), "page": null,
    });
    let asked = json!({"cart": cart()});
    let computed = computed(Function::QuoteWhole, &asked, &answer);
    let applies: Vec<&Value> = computed["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["applies_to"])
        .collect();
    assert_eq!(applies, [&json!(["l1"]), &json!(["l2"])]);
    assert_eq!(computed["lines"][1]["total"], 900);
    assert_eq!(computed["totals"]["total"], 3_600 + 900 + 2 * 599);
    assert_eq!(computed["totals"]["fulfillment"], 2 * 599);

    answer["stock"] = json!([{"line": "l3", "availability": "in_stock", "available": null, "extensions": []}]);
    let error = of(Function::QuoteWhole, &asked, &answer).unwrap_err();
    assert_eq!((error.function, error.rule.id()), ("inventory.check", "ids"));
}
