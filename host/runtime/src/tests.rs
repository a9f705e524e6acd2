//! Tests of the sandbox with hostile components, written in the WebAssembly text format.

mod budgets;
mod catalog;
mod compiler;
pub(crate) mod components;
pub(crate) mod composed;
mod composition;
pub(crate) mod importing;
mod merchant_limits;
pub(crate) mod quoting;
mod replace;
pub(crate) mod support;
mod whole_quotes;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use components::{EMPTY_ANSWER, pricing};
use support::{host, merchant, quote, scope};

use crate::component::package::{ComponentPart, PackageError};
use crate::{CallOutcome, Observer, PluginCall};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::RiskDecision;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{DecisionError, Decisions, PluginFault};

/// Observer that records the outcome of every call.
#[derive(Debug, Default)]
struct Outcomes(Mutex<Vec<CallOutcome>>);

impl Observer for Outcomes {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        self.0.lock().unwrap().push(call.outcome);
    }
}

/// Outcome of pricing an empty cart.
async fn outcome(body: &str) -> CallOutcome {
    let plugins = host();
    support::install(&plugins, pricing(body)).await;
    match quote(&plugins).await {
        Ok(_) => CallOutcome::Success,
        Err(error) => CallOutcome::from(&error),
    }
}

#[tokio::test]
async fn a_pricing_call_reaches_the_component_and_comes_back() {
    assert_eq!(outcome(EMPTY_ANSWER).await, CallOutcome::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_ends_by_its_cpu_budget_while_another_merchant_is_served() {
    // A long timeout: on a busy machine the wall-clock limit would be reached before the CPU budget.
    let plugins = support::host_with(|settings| settings.limits.decision.wall = Duration::from_secs(3600));
    support::install(&plugins, pricing("(loop $forever (br $forever)) unreachable")).await;
    support::install_for("other", &plugins, pricing(EMPTY_ANSWER)).await;
    let spinning = tokio::spawn({
        let plugins = plugins.clone();
        async move { quote(&plugins).await }
    });
    let mut phase = plugins.open(scope("other")).await.unwrap();
    for _ in 0..20 {
        phase.price(&Cart::default()).await.unwrap();
    }
    let error = spinning.await.unwrap().unwrap_err();
    assert!(
        matches!(
            error,
            DecisionError::Fault {
                fault: PluginFault::CpuBudget,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_memory_bomb_ends_by_its_limit() {
    let bomb = "(loop $more (drop (memory.grow (i32.const 16))) (br $more)) unreachable";
    assert_eq!(outcome(bomb).await, CallOutcome::Fault(PluginFault::Memory));
}

#[tokio::test]
async fn endless_recursion_ends_by_the_stack_limit() {
    assert_eq!(
        outcome("(call $price (i32.const 0))").await,
        CallOutcome::Fault(PluginFault::Stack)
    );
}

#[tokio::test]
async fn an_answer_over_the_byte_limit_is_refused() {
    // A million `unknown` lines, whose pointers and lengths alone are 8 MB.
    let huge = "(drop (memory.grow (i32.const 200)))
        (i32.store (i32.const 16) (i32.const 1000000)) (i32.const 0)";
    assert_eq!(outcome(huge).await, CallOutcome::Fault(PluginFault::OutputTooLarge));
}

#[tokio::test]
async fn an_answer_with_more_items_than_the_contract_allows_violates_it() {
    let many = "(i32.store (i32.const 12) (i32.const 1024)) (i32.store (i32.const 16) (i32.const 201)) (i32.const 0)";
    assert_eq!(outcome(many).await, CallOutcome::Fault(PluginFault::Contract));
}

#[tokio::test]
async fn an_answer_that_is_not_a_value_of_its_type_violates_the_contract() {
    assert_eq!(
        outcome("(i32.store8 (i32.const 0) (i32.const 7)) (i32.const 0)").await,
        CallOutcome::Fault(PluginFault::Contract)
    );
}

#[tokio::test]
async fn after_a_trap_the_phase_refuses_further_calls_into_the_plugin() {
    let plugins = host();
    support::install(&plugins, pricing("unreachable")).await;
    let outcomes = Arc::new(Outcomes::default());
    let observed = plugins.observed_by(Arc::clone(&outcomes) as _);
    let mut phase = observed.open(scope("acme")).await.unwrap();
    for _ in 0..2 {
        let error = phase.price(&Cart::default()).await.unwrap_err();
        assert!(
            matches!(
                error,
                DecisionError::Fault {
                    fault: PluginFault::Trap,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    assert_eq!(*outcomes.0.lock().unwrap(), [CallOutcome::Fault(PluginFault::Trap); 2]);
    // Another phase creates its own instance.
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    let error = phase.price(&Cart::default()).await.unwrap_err();
    assert!(
        matches!(&error, DecisionError::Fault { detail, .. } if detail.contains("unreachable")),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_instance_lives_for_its_phase_and_no_longer() {
    // Succeeds on the first call into an instance and traps on the second.
    let once =
        "(if (i32.load (i32.const 2048)) (then unreachable)) (i32.store (i32.const 2048) (i32.const 1)) (i32.const 0)";
    let plugins = host();
    support::install(&plugins, pricing(once)).await;
    for _ in 0..3 {
        let mut phase = plugins.open(scope("acme")).await.unwrap();
        phase.price(&Cart::default()).await.unwrap();
        phase.price(&Cart::default()).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_misconfigured_plugin_says_so_to_the_operator() {
    // failure::misconfigured("no")
    let body = "(i32.store8 (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 4) (i32.const 2))
        (i32.store (i32.const 8) (i32.const 3000)) (i32.store (i32.const 12) (i32.const 2))
        (i32.store16 (i32.const 3000) (i32.const 0x6f6e)) (i32.const 0)";
    let plugins = host();
    support::install(&plugins, pricing(body)).await;
    let error = quote(&plugins).await.unwrap_err();
    assert!(
        matches!(&error, DecisionError::Misconfigured { detail, .. } if detail == "no"),
        "{error:?}"
    );
}

#[tokio::test]
async fn capabilities_that_no_plugin_provides_have_defaults() {
    let plugins = host();
    support::install(&plugins, pricing(EMPTY_ANSWER)).await;
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    assert_eq!(phase.page(&Cart::default()).await.unwrap(), None);
    assert_eq!(phase.assess_risk(&support::risk()).await.unwrap(), RiskDecision::Allow);
    phase.redeem(&support::operation(), &["TEN".into()]).await.unwrap();
    let error = phase.check_stock(&[]).await.unwrap_err();
    assert!(matches!(error, DecisionError::Unsupported { .. }), "{error:?}");
}

#[tokio::test]
async fn a_merchant_that_uses_up_its_permits_is_busy_and_another_is_not() {
    let plugins = support::host_with(|settings| settings.limits.phases_per_merchant = 1);
    support::install(&plugins, pricing(EMPTY_ANSWER)).await;
    support::install_for("other", &plugins, pricing(EMPTY_ANSWER)).await;
    let mut holding = plugins.open(scope("acme")).await.unwrap();
    holding.price(&Cart::default()).await.unwrap();
    let error = quote(&plugins).await.unwrap_err();
    assert!(matches!(error, DecisionError::Unavailable { .. }), "{error:?}");
    let mut other = plugins.open(scope("other")).await.unwrap();
    other.price(&Cart::default()).await.unwrap();
    drop(holding);
    quote(&plugins).await.unwrap();
}

#[tokio::test]
async fn a_merchant_without_plugins_is_misconfigured() {
    let error = host().open(scope("unknown")).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, DecisionError::Misconfigured { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_not_a_plugin_is_rejected_with_a_remedy() {
    let plugins = host();
    let wat = |text: &str| wat::parse_str(text).unwrap();
    let load = async |bytes| plugins.load(bytes).await.map(|_| ()).unwrap_err();
    assert_eq!(load(wat("(module)")).await, PackageError::CoreModule);
    assert_eq!(load(b"not wasm at all".to_vec()).await, PackageError::NotWasm);
    assert_eq!(load(wat("(component)")).await, PackageError::NoCapability);
    let http = r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#;
    let error = load(wat(http)).await;
    assert!(
        matches!(&error, PackageError::UnknownImport { import, remedy }
            if import == "wasi:http/outgoing-handler@0.2.0" && remedy.contains("egress")),
        "{error}"
    );
    let hollow = r#"(component (instance $i) (export "tillhouse:merchant/pricing@0.2.0" (instance $i)))"#;
    assert!(matches!(load(wat(hollow)).await, PackageError::Invalid(_)));
    let small = support::host_with(|settings| settings.limits.component_bytes = 16);
    let error = small.load(pricing(EMPTY_ANSWER)).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, PackageError::TooLarge { limit: 16, .. }));
}

#[tokio::test]
async fn a_component_of_another_contract_is_refused_with_what_to_rebuild() {
    let plugins = host();
    let exporting = |interface: &str| format!("(component (instance $i) (export \"{interface}\" (instance $i)))");
    let importing = |interface: &str| {
        let pricing = "(instance $i) (export \"tillhouse:merchant/pricing@0.2.0\" (instance $i))";
        format!("(component (import \"{interface}\" (instance)) {pricing})")
    };
    for (text, interface) in [
        (exporting as fn(&str) -> String, "tillhouse:merchant/pricing@0.1.0"),
        (exporting, "tillhouse:merchant/types@0.1.0"),
        (exporting, "tillhouse:merchant/lifecycle@0.3.0"),
        (importing, "tillhouse:host/log@0.1.0"),
        (importing, "tillhouse:host/types@0.1.0"),
        (importing, "tillhouse:merchant/types@0.1.0"),
        (importing, "tillhouse:merchant/pricing-types@0.3.0"),
    ] {
        let bytes = wat::parse_str(text(interface)).unwrap();
        let error = plugins.load(bytes).await.map(|_| ()).unwrap_err().to_string();
        let says = |words: &str| assert!(error.contains(words), "{interface}: {error}");
        says(interface);
        says("0.2; rebuild the plugin with tillhouse-plugin 0.2");
    }
}

#[tokio::test]
async fn interfaces_that_rust_guests_do_not_use_are_not_in_the_sandbox() {
    let plugins = host();
    for (proposal, fields) in [
        ("threads", "(memory 1 1 shared)"),
        ("64-bit", "(memory i64 1)"),
        ("tail", "(func $f (return_call $f))"),
        (
            "relaxed",
            "(func (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))",
        ),
    ] {
        let bytes = wat::parse_str(format!("(component (core module {fields}))")).unwrap();
        let error = plugins.load(bytes).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, PackageError::Invalid(_)), "{proposal}: {error:?}");
    }
}

#[tokio::test]
async fn a_module_of_a_guest_has_one_memory_and_one_table() {
    let plugins = host();
    for (fields, part) in [
        ("(memory 1) (memory 1)", ComponentPart::MemoryOfModule),
        ("(memory 1) (memory 1) (memory 1)", ComponentPart::MemoryOfModule),
        ("(table 1 funcref) (table 1 funcref)", ComponentPart::TableOfModule),
    ] {
        let text = format!("(component (core module $m {fields}) (core instance (instantiate $m)))");
        let bytes = wat::parse_str(text).unwrap();
        let error = plugins.load(bytes).await.map(|_| ()).unwrap_err();
        let is_part = matches!(error, PackageError::TooMany { what, limit: 1, .. } if what == part);
        assert!(is_part, "{fields}: {error:?}");
    }
}

#[tokio::test]
async fn merchants_share_the_code_of_a_component() {
    let plugins = host();
    let first = plugins.load(pricing(EMPTY_ANSWER)).await.unwrap();
    let second = plugins.load(pricing(EMPTY_ANSWER)).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn two_plugins_for_one_capability_are_refused() {
    let plugins = host();
    let component = plugins.load(pricing(EMPTY_ANSWER)).await.unwrap();
    let bindings = vec![support::binding("a", &component), support::binding("b", &component)];
    let problems = plugins
        .install(merchant("acme"), support::merchant_plugins(bindings))
        .await
        .unwrap_err();
    assert_eq!(problems.first().unwrap().place.to_string(), "b: pricing");
}
