//! ACP, both releases.

use tillhouse_tests::{Release, Shared, TestHost};

static HOST: Shared = Shared::of(TestHost::builder);

#[tokio::test]
async fn a_purchase_ends_with_one_charge_and_an_order() {
    for release in [Release::V2025_09_29, Release::V2026_04_17] {
        let host = HOST.get().await;
        let done = host.acp(release).buy(&[("tee-classic", 2)]).await;
        assert!(done["order"]["id"].is_string());
    }
}
