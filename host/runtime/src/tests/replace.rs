//! What serves a merchant is replaced while phases are open.

use std::sync::Arc;
use std::time::Duration;

use super::components::{EMPTY_ANSWER, pricing};
use super::support::{binding, host, merchant, merchant_plugins, quote, scope};
use crate::call::phase::PluginPhase;
use crate::guest::limits::Kind;
use crate::{MerchantPlugins, Plugins};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::Phase;

/// A shop whose answer, or trap, tells which release it is.
async fn shop(plugins: &Plugins, body: &str, items: &str) -> MerchantPlugins {
    let component = plugins.load(pricing(body)).await.unwrap();
    let feed = format!("id,title,price,availability\n{items}");
    MerchantPlugins {
        catalog: Arc::new(Catalog::from_csv(feed.as_bytes()).unwrap()),
        ..merchant_plugins(vec![binding("shop", &component)])
    }
}

#[tokio::test]
async fn an_open_phase_keeps_the_release_and_the_catalog_that_it_began_with() {
    let plugins = host();
    let before = shop(&plugins, EMPTY_ANSWER, "tee,Tee,1.00 USD,in_stock\n").await;
    plugins.install(merchant("acme"), before).await.unwrap();
    let mut open = plugins.phase(scope("acme")).unwrap();

    let after = shop(&plugins, "unreachable", "mug,Mug,1.00 USD,in_stock\n").await;
    let prepared = plugins.prepare(merchant("acme"), after).await.unwrap();
    quote(&plugins).await.expect("what is prepared is not in force");
    plugins.activate(prepared);

    let has = async |phase: &PluginPhase, item| {
        let found = phase.catalog.items(&[ItemId::new(item)], Duration::MAX).await.unwrap();
        found[0].is_some()
    };
    open.price(&Cart::default())
        .await
        .expect("the release that it began with");
    assert!(has(&open, "tee").await && !has(&open, "mug").await);
    let next = plugins.phase(scope("acme")).unwrap();
    assert!(has(&next, "mug").await && !has(&next, "tee").await);
    quote(&plugins).await.expect_err("the next phase has the other release");
}

#[tokio::test]
async fn a_replacement_shares_the_limits_of_what_it_replaces() {
    let plugins = host();
    let number = async |items| {
        let shop = shop(&plugins, EMPTY_ANSWER, items).await;
        plugins.install(merchant("acme"), shop).await.unwrap();
        plugins.routes(&merchant("acme")).unwrap()
    };
    let first = number("tee,Tee,1.00 USD,in_stock\n").await;
    let permit = first.permits.semaphore(Kind::Decision);
    let second = number("mug,Mug,1.00 USD,in_stock\n").await;
    assert!(Arc::ptr_eq(&permit, &second.permits.semaphore(Kind::Decision)));
    assert_ne!(
        first.catalog_number, second.catalog_number,
        "descriptions are not those of the other catalog"
    );
}
