//! Whole purchases through a shop.

use tillhouse_harness::prelude::*;
use tillhouse_harness::upstream::Scripted;
use tillhouse_harness::{PluginUnderTest, run};

use crate::{CARELESS, HOSTILE, failure};

const SHOP: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/reference-shop"),
    package: "reference-shop",
};

const PROCESSOR: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/sandbox-processor"),
    package: "sandbox-processor",
};

/// A shop of tees, whose processor is under test, with an acquirer that approves.
fn selling_tees(env: &Env) -> Scripted {
    env.catalog("id,title,price,availability\ntee,Tee,25.00 USD,in_stock\n");
    let charged = env.upstream("acquirer").expect(post("/v1/charges"));
    charged.reply_with(|request| {
        let asked = request.json().unwrap_or_default();
        let id = format!("ch_{}", asked["reference"].as_str().unwrap_or_default());
        let answer = json!({"id": id, "object": "charge", "status": "approved", "amount": asked["amount"],
            "currency": "usd", "reference": asked["reference"], "captured": true, "created": 1_767_225_600});
        (201, answer)
    })
}

/// The plugin decides prices and taxes; the processor of the sandbox charges.
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
        assert_eq!(charges.len(), Protocol::ALL.len());
        for charge in &charges {
            assert_eq!(
                charge["amount"], charges[0]["amount"],
                "every protocol has the same price"
            );
        }
        shop.stop().await;
    });
}

#[test]
fn a_processor_that_is_bound_beside_takes_the_charge() {
    run(SHOP, async |env: Env| {
        let shop = env.shop_beside(&[PROCESSOR]).await;
        let bought = shop.buy(Protocol::Acp20260417, &[("tee-classic", 1)]).await;
        assert_eq!(bought["charge"]["amount"], bought["total"], "{bought}");
    });
}

#[test]
fn two_plugins_with_one_capability_cannot_start_a_shop() {
    let said = failure(CARELESS, async |env: Env| {
        let shop = env.shop_beside(&[HOSTILE]).await;
        unreachable!("{shop:?}");
    });
    for capability in ["pricing", "tax", "payments"] {
        let named = format!("hostile-plugin: {capability}: is also served by another plugin of this merchant");
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
        assert!(shop.charges().is_empty(), "the sandbox's acquirer got no charge");
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
fn a_refused_purchase_returns_the_reason() {
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

#[test]
fn a_shop_is_refused_by_an_upstream_that_goes_down_and_comes_up_again() {
    run(PROCESSOR, async |env: Env| {
        let up = selling_tees(&env).times(1);
        let shop = env.shop().await;
        let buy = || async { shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await };
        assert_eq!(buy().await.unwrap()["status"], "completed");
        up.assert_called_once();
        let down = up.expect(post("/v1/charges")).fail(Fault::Refused);
        let told = buy().await.unwrap_err();
        assert!(
            !told.to_string().contains("complete_in_progress"),
            "no charge was sent: {told}"
        );
        assert_eq!(
            env.upstream("acquirer").requests().len(),
            1,
            "the connection was refused: {told}"
        );
        let _ = down.times(0);
        let up = selling_tees(&env);
        assert_eq!(buy().await.unwrap()["status"], "completed");
        up.assert_called_once();
    });
}

#[test]
fn asserting_on_a_refused_connection_in_a_shop_fails() {
    let buy = async |env: &Env| {
        let shop = env.shop().await;
        let _ = shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await;
    };
    let down = |env: &Env| {
        let _ = selling_tees(env).times(0);
        env.upstream("acquirer")
            .expect(post("/v1/charges"))
            .fail(Fault::Refused)
    };
    let said = failure(PROCESSOR, async |env: Env| {
        let down = down(&env);
        buy(&env).await;
        down.assert_called_once();
    });
    assert!(
        said.contains("post(\"/v1/charges\") refuses connections, which are not counted in a shop"),
        "{said}"
    );
    let said = failure(PROCESSOR, async |env: Env| {
        let _ = down(&env).times(1);
        buy(&env).await;
    });
    assert!(
        said.contains("cannot be down 1 times in a shop") && said.contains(".times(0)"),
        "{said}"
    );
}

#[test]
fn settings_changed_after_a_shop_started_fail_its_next_purchase() {
    for (change, named) in [
        (
            (|env| {
                let _ = env
                    .upstream("acquirer")
                    .expect(post("/v1/charges"))
                    .reply(201, json!({}));
            }) as fn(&Env),
            "upstream `acquirer`: in this shop it is the sandbox's acquirer; script it before env.shop()",
        ),
        (
            |env| {
                env.config("mistake", "unknown-item");
            },
            "the configuration",
        ),
        (
            |env| {
                env.item(item("cap", "12.50 USD"));
            },
            "the catalog",
        ),
        (
            |env| {
                env.now("2026-07-01T00:00:00Z");
            },
            "the clock",
        ),
        (
            |env| {
                env.secret("api_key", "sk_test_123456");
            },
            "a secret",
        ),
    ] {
        let said = failure(CARELESS, async |env: Env| {
            let shop = env.shop().await;
            change(&env);
            let bought = shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await;
            unreachable!("{bought:?}");
        });
        assert!(
            said.contains("after this shop started") && said.contains(named),
            "{named} in {said}"
        );
    }
}

#[test]
fn a_timeout_scripted_after_a_shop_started_fails_its_next_purchase() {
    let said = failure(CARELESS, async |env: Env| {
        let acquirer = env.upstream("acquirer");
        let _ = acquirer.expect(post("/v1/charges")).reply(201, json!({})).times(1);
        let shop = env.shop().await;
        shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
        let _ = acquirer.expect(post("/v1/charges")).fail(Fault::Timeout);
        let bought = shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await;
        unreachable!("{bought:?}");
    });
    assert!(said.contains("script Fault::Timeout before env.shop()"), "{said}");
}
