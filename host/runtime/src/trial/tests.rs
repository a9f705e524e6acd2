use serde_json::{Value, json};

use super::*;
use crate::tests::components::{EMPTY_ANSWER, pricing};
use crate::tests::composed::{Composed, composed};
use crate::tests::quoting::{EMPTY_WITH_A_PAGE, Shop, UNSUPPORTED, shop};
use crate::tests::support::scope;
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::time::Timestamp;

#[derive(Debug)]
struct Zero;

impl Clock for Zero {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

async fn trial(component: Vec<u8>) -> Trial {
    let settings = EngineSettings {
        max_instances: 8,
        metered: true,
        ..EngineSettings::default()
    };
    let engine = SharedEngine::new(&settings).unwrap();
    let trial = Trial::new(engine, &settings, Arc::new(Zero), Client::new().unwrap()).unwrap();
    let component = trial.load(component).await.unwrap();
    let binding = Binding::new(PluginId::new("shop"), "1.0.0", component);
    trial.install(binding, Catalog::default(), usd()).await.unwrap();
    trial
}

fn usd() -> Currency {
    Currency::new("USD").unwrap()
}

fn price(cart: Value) -> TrialRequest {
    let mut request = TrialRequest::of(Function::Price, usd());
    request.arguments.insert("cart".into(), cart);
    request
}

fn one_tee() -> Value {
    json!({"lines": [{"id": "l1", "item": "tee-of-linen", "quantity": 2}]})
}

#[tokio::test]
async fn a_call_by_name_answers_in_json_and_is_counted() {
    let trial = trial(pricing(EMPTY_ANSWER)).await;
    let report = trial.call(price(one_tee())).await.unwrap();
    let TrialAnswer::Value(value) = report.answer else {
        panic!("{report:?}")
    };
    assert_eq!(value["lines"], json!([]));
    let first = report.record;
    assert!(first.instructions > 0 && first.memory_bytes == 2 << 16, "{first:?}");
    let again = trial.call(price(one_tee())).await.unwrap().record;
    assert_eq!(first, again, "the same call costs the same");
}

#[tokio::test]
async fn texts_in_guest_memory_are_found() {
    let trial = trial(pricing(EMPTY_ANSWER)).await;
    let mut request = price(one_tee());
    request.search_for = vec!["tee-of-linen".into(), "4242424242424242".into()];
    let report = trial.call(request).await.unwrap();
    assert!(matches!(report.answer, TrialAnswer::Value(_)));
    assert_eq!(report.record.found_in_memory, ["tee-of-linen"]);
}

#[tokio::test]
async fn all_memories_of_a_composed_component_are_counted_and_looked_at() {
    let parts = Composed {
        relays: 1,
        ..Composed::default()
    };
    let trial = trial(composed(&parts)).await;
    let mut request = price(one_tee());
    request.search_for = vec!["tee-of-linen".into(), "hello".into(), "4242424242424242".into()];
    let report = trial.call(request).await.unwrap();
    assert!(matches!(report.answer, TrialAnswer::Value(_)), "{report:?}");
    assert_eq!(report.record.memory_bytes, 6 << 16);
    assert_eq!(report.record.found_in_memory, ["tee-of-linen", "hello"]);
}

#[tokio::test]
async fn texts_in_guest_memory_are_found_after_a_trap_as_well() {
    let trial = trial(pricing("unreachable")).await;
    let mut request = price(one_tee());
    request.search_for = vec!["tee-of-linen".into(), "4242424242424242".into()];
    let report = trial.call(request).await.unwrap();
    assert!(matches!(report.answer, TrialAnswer::Fault(_)));
    assert_eq!(report.record.found_in_memory, ["tee-of-linen"]);
}

#[tokio::test]
async fn a_trap_is_a_fault_and_the_next_call_is_not_affected() {
    let trial = trial(pricing("unreachable")).await;
    for _ in 0..2 {
        let report = trial.call(price(one_tee())).await.unwrap();
        let TrialAnswer::Fault(DecisionError::Fault { fault, detail, .. }) = report.answer else {
            panic!("{report:?}")
        };
        assert_eq!(fault, PluginFault::Trap);
        assert!(
            detail.contains("unreachable") && !detail.contains("coredump") && !detail.contains("backtrace"),
            "{detail}"
        );
        assert!(report.record.instructions > 0, "what it cost is counted");
    }
}

#[tokio::test]
async fn an_argument_that_does_not_fit_is_named_by_its_path() {
    let trial = trial(pricing(EMPTY_ANSWER)).await;
    for (cart, path) in [
        (
            json!({"lines": [{"id": "l1", "item": "tee"}]}),
            "cart.lines[0].quantity",
        ),
        (
            json!({"lines": [{"id": "l1", "item": "tee", "quantity": -1}]}),
            "cart.lines[0].quantity",
        ),
        (json!({"lines": 3}), "cart.lines"),
        (json!({"line": []}), "cart.line"),
        (json!({"buyer": {"email": 7}}), "cart.buyer.email"),
    ] {
        let error = trial.call(price(cart.clone())).await.unwrap_err();
        let TrialError::Argument(mismatch) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(mismatch.path, path, "{cart}: {error}");
    }
    let missing = trial.call(TrialRequest::of(Function::Price, usd())).await.unwrap_err();
    assert_eq!(missing.to_string(), "cart: is missing");
}

#[tokio::test]
async fn the_error_for_a_missing_function_lists_the_exported_ones() {
    let trial = trial(pricing(EMPTY_ANSWER)).await;
    let error = trial.call(TrialRequest::of(Function::Charge, usd())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the component does not export payments; it exports pricing"
    );
}

#[tokio::test]
async fn more_instructions_than_the_budget_are_a_fault() {
    let trial = trial(pricing(EMPTY_ANSWER)).await;
    let used = trial.call(price(one_tee())).await.unwrap().record.instructions;
    let within = |budget| TrialRequest {
        instructions: Some(budget),
        ..price(one_tee())
    };
    let report = trial.call(within(used)).await.unwrap();
    assert!(matches!(report.answer, TrialAnswer::Value(_)), "{report:?}");
    let report = trial.call(within(used - 1)).await.unwrap();
    let TrialAnswer::Fault(DecisionError::Fault { fault, detail, .. }) = report.answer else {
        panic!("{report:?}")
    };
    assert_eq!(fault, PluginFault::CpuBudget);
    assert_eq!(detail, format!("used {used} instructions; the budget is {}", used - 1));
}

#[test]
fn a_reservation_with_insufficient_stock_keeps_no_writes() {
    let keeps = |value| keeps_staged_writes(Function::Reserve, &TrialAnswer::Value(value));
    assert!(keeps(json!("reserved")) && keeps(json!("Reserved")));
    assert!(!keeps(json!({"insufficient": []})) && !keeps(json!({"Insufficient": []})));
    assert!(!keeps_staged_writes(
        Function::Release,
        &TrialAnswer::Failure(json!("unsupported"))
    ));
}

#[tokio::test]
async fn a_quote_can_be_asked_for_as_a_whole_or_one_by_one_and_its_calls_are_counted() {
    let silent = Shop {
        quote: EMPTY_WITH_A_PAGE,
        others: "unreachable",
    };
    let of_cart = async |trial: &Trial, calls| trial.quote(scope("acme"), &Cart::default(), calls).await;
    let alone = trial(shop(&silent, &[])).await;
    let whole = of_cart(&alone, QuoteCalls::Whole).await;
    let quoted = whole.quote.unwrap();
    assert!(quoted.lines.is_empty(), "{quoted:?}");
    let error = of_cart(&alone, QuoteCalls::OneByOne).await.quote.unwrap_err();
    assert!(error.to_string().contains("inventory.check"), "{error}");

    let declining = Shop {
        quote: UNSUPPORTED,
        others: EMPTY_ANSWER,
    };
    let single = trial(shop(&declining, &[])).await;
    let one_by_one = of_cart(&single, QuoteCalls::OneByOne).await;
    assert_eq!(one_by_one.quote.unwrap(), quoted);
    assert!(
        one_by_one.record.instructions > whole.record.instructions,
        "five calls and one"
    );
    let both = of_cart(&single, QuoteCalls::Whole).await;
    assert!(
        both.record.instructions > one_by_one.record.instructions,
        "the declined call as well"
    );
}

#[tokio::test]
async fn a_whole_quote_is_a_call_by_name_like_any_other() {
    let answering = Shop {
        quote: EMPTY_WITH_A_PAGE,
        others: "unreachable",
    };
    let trial = trial(shop(&answering, &[])).await;
    let mut request = TrialRequest::of(Function::QuoteWhole, usd());
    request.arguments.insert("cart".into(), one_tee());
    request.agent.display_name = Some("Shopping Assistant".into());
    request.search_for = vec!["Shopping Assistant".into()];
    let report = trial.call(request).await.unwrap();
    let TrialAnswer::Value(value) = report.answer else {
        panic!("{report:?}")
    };
    assert_eq!(value["taxes"]["taxes"]["amounts"]["lines"], json!([]));
    assert_eq!(value["page"]["continue_url"], Value::Null);
    assert_eq!(
        report.record.found_in_memory,
        ["Shopping Assistant"],
        "the context names the agent"
    );
}
