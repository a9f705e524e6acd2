//! Replacing the active release of a plugin while agents buy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use libtest_mimic::Trial;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_server::host::swap::{Release, SwapError, SwapResult};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Acp, Release as Spoken, TestHost, hostile};

use crate::trial;

const MERCHANT: &str = "swapped";
const ITEMS: &[(&str, u32)] = &[("anything", 1)];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "swap::no_request_fails_while_a_plugin_is_swapped_ten_times",
            no_request_fails_while_a_plugin_is_swapped_ten_times,
        ),
        trial(
            "swap::a_release_gets_back_what_one_between_did_not_ask_for",
            a_release_gets_back_what_one_between_did_not_ask_for,
        ),
        trial(
            "swap::an_invalid_release_leaves_the_current_one_in_force",
            an_invalid_release_leaves_the_current_one_in_force,
        ),
    ]
}

async fn start() -> TestHost {
    // The catalog has no stock count for the item, so that it cannot sell out.
    let catalog = "id,title,price,availability\nanything,Anything,1.00 USD,in_stock\n";
    let merchant = hostile::merchant(MERCHANT, "unit-price = 1000").catalog(catalog);
    hostile::builder().merchant(merchant).start().await
}

async fn swap(host: &TestHost, release: Release) -> Result<SwapResult, SwapError> {
    host.host().swap(&MerchantId::new(MERCHANT), release).await
}

fn priced(cents: i64) -> Release {
    hostile::release(&format!("unit-price = {cents}"))
}

async fn no_request_fails_while_a_plugin_is_swapped_ten_times() {
    let host = Arc::new(start().await);
    let over = Arc::new(AtomicBool::new(false));
    let bought = Arc::new(AtomicU64::new(0));
    let buyers: Vec<_> = (0..3)
        .map(|_| {
            let (host, over, bought) = (Arc::clone(&host), Arc::clone(&over), Arc::clone(&bought));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    buy(&host).await;
                    bought.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 1..=10 {
        let before = bought.load(Ordering::Relaxed);
        wait_until("a purchase completes", async || bought.load(Ordering::Relaxed) > before).await;
        let cents = 1000 + round;
        swap(&host, priced(cents)).await.unwrap();
        let session = host.acp(Spoken::V2026_04_17).open(ITEMS).await;
        assert_eq!(session.total("items_base_amount"), cents, "{}", session.text());
    }
    over.store(true, Ordering::Relaxed);
    for buyer in buyers {
        buyer.await.expect("every purchase completes");
    }
    let completed = bought.load(Ordering::Relaxed);
    assert_eq!(host.charges() as u64, completed, "one charge per purchase");
}

/// Complete a purchase. If the price changed between quote and payment, the host answers 409 and charges nothing, and the agent
/// retrieves the session again.
async fn buy(host: &TestHost) {
    let agent: Acp<'_> = host.acp(Spoken::V2026_04_17);
    let mut session = agent.ready(ITEMS).await;
    loop {
        let token = host.token(session.total("total")).await;
        let paid = agent.complete(session.id(), &token).await;
        if paid.status == 200 {
            let _ = paid.is("completed");
            return;
        }
        let paid = paid.refused(409, "conflict");
        assert!(paid.text().contains("total has changed"), "{}", paid.text());
        session = agent.retrieve(session.id()).await.expect(200);
    }
}

async fn a_release_gets_back_what_one_between_did_not_ask_for() {
    let host = start().await;
    let asks_for_nothing = priced(1000).manifest;
    let asks_for_nothing = asks_for_nothing.split("[[upstream]]").next().unwrap().to_owned();
    let between = Release {
        manifest: asks_for_nothing,
        ..priced(1000)
    };
    swap(&host, between).await.unwrap();
    let swapped = swap(&host, priced(1000)).await.unwrap();
    assert!(swapped.not_granted.is_empty(), "{swapped:?}");
    // The charge needs the upstream and the secret that the release in between did not ask for.
    buy(&host).await;
    assert_eq!(host.charges(), 1);
}

async fn an_invalid_release_leaves_the_current_one_in_force() {
    let host = start().await;
    let manifest = |more: &str| {
        format!("[plugin]\nid = \"hostile-plugin\"\nversion = \"0.2.0\"\napi = \"tillhouse:merchant@0.2\"\n{more}")
    };
    let cases = [
        (
            Release {
                component: b"no component".to_vec(),
                ..priced(2000)
            },
            "not WebAssembly",
        ),
        (
            Release {
                manifest: "[plugin]\n".to_owned(),
                ..priced(2000)
            },
            "is missing",
        ),
        (
            Release {
                manifest: manifest("").replace("hostile-plugin", "other-plugin"),
                ..priced(2000)
            },
            "has no plugin other-plugin of its own; it has hostile-plugin",
        ),
        (
            Release {
                manifest: manifest("[[upstream]]\nname = \"elsewhere\"\n"),
                ..priced(2000)
            },
            "upstreams.elsewhere",
        ),
        (
            Release {
                manifest: manifest("[provides]\ncapabilities = [\"tax\"]\n"),
                ..priced(2000)
            },
            "use the manifest that belongs to the component",
        ),
    ];
    for (release, why) in cases {
        let error = swap(&host, release).await.unwrap_err();
        assert!(error.to_string().contains(why), "expected {why:?} in {error}");
    }
    let price = async || {
        let session = host.acp(Spoken::V2026_04_17).open(ITEMS).await;
        session.total("items_base_amount")
    };
    assert_eq!(price().await, 1000);

    // Authority beyond the grant is withheld, and the result lists it.
    let more = "[[upstream]]\nname = \"acquirer\"\nsecrets = [\"api_key\", \"master_key\"]\n\
                credential_slots = [\"number\", \"exp-month\", \"exp-year\"]\n";
    let swapped = swap(
        &host,
        Release {
            manifest: manifest(more),
            ..priced(3000)
        },
    )
    .await
    .unwrap();
    assert_eq!(swapped.not_granted, ["upstream acquirer: secret master_key"]);
    assert_eq!((swapped.version.as_str(), price().await), ("0.2.0", 3000));
    assert!(swapped.lost.is_empty() && swapped.gained.is_empty(), "{swapped:?}");
    let installed = host.host().plugins.inventory(&MerchantId::new(MERCHANT));
    assert_eq!(installed[0].version, "0.2.0");
    buy(&host).await;
}
