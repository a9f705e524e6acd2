//! Limits of one merchant beside those of the host.

use std::sync::Arc;

use super::components::{EMPTY_ANSWER, pricing};
use super::support::{self, host_with, merchant, scope};
use crate::limits::Room;
use crate::{Limits, MerchantPlugins, Plugins};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ports::{DecisionError, Decisions, PluginFault};

/// Install a plugin for a merchant that has these limits of its own.
async fn install(
    plugins: &Plugins,
    name: &str,
    bytes: Vec<u8>,
    change: impl FnOnce(&mut Limits),
) -> Result<(), Vec<Diagnostic>> {
    let mut limits = Limits::default();
    change(&mut limits);
    let component = plugins.load(bytes).await.unwrap();
    let of_merchant = MerchantPlugins {
        limits: Some(Arc::new(limits)),
        ..support::merchant_plugins(vec![support::binding("shop", &component)])
    };
    plugins.install(merchant(name), of_merchant).await
}

async fn detail(plugins: &Plugins, name: &str) -> (PluginFault, String) {
    let mut phase = plugins.open(scope(name)).await.unwrap();
    match phase.price(&Cart::default()).await.unwrap_err() {
        DecisionError::Fault { fault, detail, .. } => (fault, detail),
        other => panic!("{other:?}"),
    }
}

/// A component whose table begins with this many elements.
fn with_table(elements: u32) -> Vec<u8> {
    pricing(&format!(
        "(i32.const 0)) (table {elements} funcref) (func (result i32) (i32.const 0)"
    ))
}

#[tokio::test]
async fn a_component_that_a_merchants_limits_are_too_small_for_is_refused_by_their_names() {
    let plugins = support::host();
    let bytes = || pricing(EMPTY_ANSWER);
    let size = bytes().len();
    let small = |limits: &mut Limits| limits.each(|calls| calls.memory_bytes = 65_536);
    let memory = install(&plugins, "a", bytes(), small).await.unwrap_err();
    let few = |limits: &mut Limits| limits.each(|calls| calls.table_elements = 5_000);
    let table = install(&plugins, "a", with_table(5_300), few).await.unwrap_err();
    let component = install(&plugins, "a", bytes(), |limits| limits.component_bytes = 100).await;
    for (problems, key, message) in [
        (
            component.unwrap_err(),
            "component_bytes",
            format!("the component has {size} bytes; component_bytes of this merchant is 100"),
        ),
        (
            memory,
            "memory_bytes",
            "the largest memory of the component begins with 131072 bytes; memory_bytes of this merchant is 65536"
                .into(),
        ),
        (
            table,
            "table_elements",
            "the largest table of the component begins with 5300 elements; table_elements of this merchant is 5000"
                .into(),
        ),
    ] {
        let [problem] = problems.try_into().unwrap();
        assert_eq!(problem.message, message);
        assert_eq!(problem.place.to_string(), format!("shop: {key}"));
        let help = problem.help.unwrap();
        assert!(
            help.contains(&format!("up to the host's plugins.maximum.{key}")),
            "{help}"
        );
    }
}

#[tokio::test]
async fn a_merchant_may_have_more_than_the_host_gives_to_all() {
    let room = Room {
        table_elements: 50_000,
        memory_bytes: 64 << 20,
        component_bytes: 64 << 20,
    };
    let plugins = host_with(|settings| {
        settings.limits.each(|calls| {
            calls.table_elements = 100;
            calls.memory_bytes = 1 << 20;
        });
        settings.limits.component_bytes = 1 << 10;
        settings.room = room;
    });
    let large = |limits: &mut Limits| limits.each(|calls| calls.table_elements = 40_000);
    install(&plugins, "large", with_table(30_000), large).await.unwrap();
    let mut phase = plugins.open(scope("large")).await.unwrap();
    phase.price(&Cart::default()).await.unwrap();

    let component = plugins.load(with_table(30_000)).await.unwrap();
    let of_host = support::merchant_plugins(vec![support::binding("shop", &component)]);
    let problems = plugins.install(merchant("small"), of_host).await.unwrap_err();
    let keys: Vec<String> = problems.iter().map(|problem| problem.place.to_string()).collect();
    assert_eq!(keys, ["shop: component_bytes", "shop: table_elements"]);
}

#[tokio::test]
async fn the_budgets_of_a_merchants_calls_are_its_own() {
    let plugins = support::host();
    let spin = || pricing("(loop $forever (br $forever)) unreachable");
    for (name, ms) in [("seven", 7), ("nine", 9)] {
        install(&plugins, name, spin(), |limits| limits.decision.cpu_ms = ms)
            .await
            .unwrap();
    }
    for (name, words) in [("seven", "more than 7 ms"), ("nine", "more than 9 ms")] {
        let (fault, detail) = detail(&plugins, name).await;
        assert_eq!(fault, PluginFault::CpuBudget);
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn another_release_of_a_plugin_has_the_limits_of_its_merchant_too() {
    let plugins = support::host();
    let few = |limits: &mut Limits| limits.each(|calls| calls.table_elements = 5_000);
    install(&plugins, "a", pricing(EMPTY_ANSWER), few).await.unwrap();
    let problems = install(&plugins, "a", with_table(5_300), few).await.unwrap_err();
    assert_eq!(problems.len(), 1);
    let mut phase = plugins.open(scope("a")).await.unwrap();
    phase.price(&Cart::default()).await.unwrap();
}
