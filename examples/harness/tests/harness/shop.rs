//! Whole purchases.

use tillhouse_harness::prelude::*;
use tillhouse_harness::{PluginUnderTest, run};

use crate::{CARELESS, HOSTILE, failure};

const SHOP: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/reference-shop"),
    package: "reference-shop",
};

/// Prices and taxes are the plugin's, the charge is a processor's that tells approvals.
#[test]
fn a_plugin_that_sells_is_bought_from_over_every_protocol() {
    run(SHOP, async |env: Env| {
        let shop = env.shop().await;
        for protocol in Protocol::ALL {
            let bought = shop.buy(protocol, &[("tee-classic", 2)]).await;
            assert_eq!(
                (&bought["status"], &bought["currency"]),
                (&json!("completed"), &json!("usd"))
            );
            assert_eq!(bought["charge"]["amount"], bought["total"], "{bought}");
        }
        let charges = shop.charges();
        assert_eq!(charges.len(), 3);
        assert_eq!(
            charges[0]["amount"], charges[2]["amount"],
            "the price does not depend on the protocol"
        );
        shop.stop().await;
    });
}

#[test]
fn a_processor_that_is_bound_beside_takes_the_charge() {
    const PROCESSOR: PluginUnderTest = PluginUnderTest {
        manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/sandbox-processor"),
        package: "sandbox-processor",
    };
    run(SHOP, async |env: Env| {
        let shop = env.shop_beside(&[PROCESSOR]).await;
        let bought = shop.buy(Protocol::Acp20260417, &[("tee-classic", 1)]).await;
        assert_eq!(bought["charge"]["amount"], bought["total"], "{bought}");
    });
}

#[test]
fn two_plugins_that_serve_one_capability_are_no_shop() {
    let said = failure(CARELESS, async |env: Env| {
        let shop = env.shop_beside(&[HOSTILE]).await;
        unreachable!("{shop:?}");
    });
    for capability in ["pricing", "tax", "payments"] {
        let named = format!("hostile-plugin: {capability}: is served by another plugin of this merchant as well");
        assert!(said.contains(&named), "{said}");
    }
}

#[test]
fn an_upstream_that_the_test_scripts_takes_the_charge() {
    run(CARELESS, async |env: Env| {
        let charge = post("/v1/charges")
            .header_secret("authorization", "api_key")
            .json("/amount", 33_49);
        let acquirer = env.upstream("acquirer").expect(charge).reply(201, json!({}));
        let shop = env.shop().await;
        let bought = shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
        assert_eq!(bought["status"], "completed");
        acquirer.assert_called_once();
        assert!(shop.charges().is_empty(), "the sandbox's acquirer was not asked");
    });
}

#[test]
fn a_request_that_the_script_does_not_expect_fails_a_purchase_as_well() {
    let said = failure(CARELESS, async |env: Env| {
        let charge = post("/v1/charges").json("/amount", 1);
        let _ = env.upstream("acquirer").expect(charge).reply(201, json!({}));
        let shop = env.shop().await;
        let bought = shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await;
        unreachable!("{bought:?}");
    });
    assert!(said.contains("  - JSON /amount is 3349, expected 1"), "{said}");
    assert!(!said.contains("4242424242424242"), "{said}");
}

#[test]
fn a_purchase_that_is_refused_says_why() {
    run(CARELESS, async |env: Env| {
        let _ = env
            .upstream("acquirer")
            .expect(post("/v1/charges"))
            .reply(402, json!({}));
        let shop = env.shop().await;
        let told = shop
            .try_buy(Protocol::Acp20260417, &Basket::of("tee", 1))
            .await
            .unwrap_err();
        assert!(
            told["exchanges"]
                .as_array()
                .is_some_and(|exchanges| exchanges.len() > 1),
            "{told}"
        );
        assert!(told.to_string().contains("declined"), "{told}");
    });
}
