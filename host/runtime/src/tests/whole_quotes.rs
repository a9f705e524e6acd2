//! Tests of `quoting.quote`: when it is called, and what becomes of its answer.

use std::sync::Arc;

use super::components::{EMPTY_ANSWER, pricing};
use super::quoting::{EMPTY_WITH_A_PAGE, Shop, UNSUPPORTED, shop};
use super::support::{binding, host, install, merchant, merchant_plugins, scope};
use crate::{Binding, Capability, Plugins};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::{Page, WholeQuote};
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::ports::{DecisionError, Decisions, PluginFault};

const ANSWERING: Shop<'_> = Shop {
    quote: EMPTY_WITH_A_PAGE,
    others: "unreachable",
};

async fn quoted(plugins: &Plugins) -> Result<Option<WholeQuote>, DecisionError> {
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    phase.quote_whole(&Cart::default()).await
}

async fn install_all(plugins: &Plugins, bindings: Vec<Arc<Binding>>) {
    let installed = plugins.install(merchant("acme"), merchant_plugins(bindings)).await;
    installed.unwrap();
}

#[tokio::test]
async fn one_plugin_that_decides_everything_is_asked_once() {
    let plugins = host();
    install(&plugins, shop(&ANSWERING, &[])).await;
    let whole = quoted(&plugins).await.unwrap().unwrap();
    assert_eq!(whole.page, Some(Page::default()));
    assert!(whole.stock.is_empty() && whole.prices.lines.is_empty() && whole.offer.options.is_empty());
}

#[tokio::test]
async fn a_plugin_that_leaves_one_decision_to_another_is_not_asked_for_all() {
    for missing in ["quoting", "pricing", "inventory", "fulfillment", "tax"] {
        let plugins = host();
        install(&plugins, shop(&ANSWERING, &[missing])).await;
        assert_eq!(quoted(&plugins).await.unwrap(), None, "{missing}");
    }
}

#[tokio::test]
async fn a_plugin_whose_prices_are_another_plugins_is_not_asked_for_all() {
    let plugins = host();
    let all = plugins.load(shop(&ANSWERING, &[])).await.unwrap();
    let prices = plugins.load(pricing(EMPTY_ANSWER)).await.unwrap();
    let mut rest = Binding::new(PluginId::new("shop"), "1.0.0", all);
    rest.serves = rest.serves.without([Capability::Pricing].into_iter().collect());
    install_all(&plugins, vec![Arc::new(rest), binding("prices", &prices)]).await;
    assert_eq!(quoted(&plugins).await.unwrap(), None);
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    phase.price(&Cart::default()).await.unwrap();
}

#[tokio::test]
async fn the_page_of_an_answer_counts_only_if_its_plugin_serves_the_page() {
    let plugins = host();
    install(&plugins, shop(&ANSWERING, &["presentation"])).await;
    assert_eq!(quoted(&plugins).await.unwrap().unwrap().page, None);
}

#[tokio::test]
async fn a_plugin_may_leave_a_cart_to_its_single_decisions() {
    let plugins = host();
    let declining = Shop {
        quote: UNSUPPORTED,
        others: EMPTY_ANSWER,
    };
    install(&plugins, shop(&declining, &[])).await;
    assert_eq!(quoted(&plugins).await.unwrap(), None);
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    phase.quote_whole(&Cart::default()).await.unwrap();
    assert_eq!(phase.check_stock(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_part_of_a_whole_answer_that_violates_the_contract_is_named() {
    // The list of options is behind stock and prices: more items than there may be.
    let many = "(i32.store (i32.const 68) (i32.const 1024)) (i32.store (i32.const 72) (i32.const 51)) (i32.const 0)";
    let plugins = host();
    let broken = Shop {
        quote: many,
        others: EMPTY_ANSWER,
    };
    install(&plugins, shop(&broken, &[])).await;
    let error = quoted(&plugins).await.unwrap_err();
    let DecisionError::Fault {
        fault: PluginFault::Contract,
        detail,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(detail, "offer.options has 51 items; the limit is 50");
}
