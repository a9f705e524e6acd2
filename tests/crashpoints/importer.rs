//! A catalog that changes in the middle of crashes: each quote sees the version before or the one after, each as a whole.

use std::time::Duration;

use tillhouse_checkout::catalog::ImportMode;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::catalogs::ImportCatalog;
use tillhouse_tests::crashpoints::{Delays, Shop};
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, fixtures};

use crate::case::Party;
use crate::products::catalog;
use crate::scene::Scene;

const RELEASE: Release = Release::V2026_04_17;

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

const ITEMS: &[(&str, u32)] = &[("cup", 1), ("mug", 1)];

/// Prices of the first version, and what the items come to by it; the second version changes both, so that a mixture is neither.
const BEFORE: ([&str; 2], i64) = (["9.00", "5.00"], 1400);
const AFTER: ([&str; 2], i64) = (["11.00", "7.00"], 1800);

/// Who imports, and who is quoted; outlives the hosts.
#[derive(Debug)]
pub(crate) struct Importer {
    scene: Scene,
    /// The session that was quoted before the import.
    quoted: Option<String>,
    is_written: bool,
    is_imported: bool,
}

impl Importer {
    pub(crate) async fn open(_: Scene, delays: Delays) -> Shop {
        Shop::open_as(Merchant::named("demo").catalog(&catalog(&BEFORE.0)), delays).await
    }

    pub(crate) const fn of(scene: Scene) -> Self {
        Self {
            scene,
            quoted: None,
            is_written: false,
            is_imported: false,
        }
    }

    async fn be_quoted_before(&mut self, acp: &Acp<'_>) {
        while self.quoted.is_none() {
            self.quoted = quoted(acp).await.map(|session| {
                assert_eq!(session.total("items_base_amount"), BEFORE.1);
                session.id().to_owned()
            });
        }
    }

    async fn change(&mut self, shop: &Shop) {
        let (name, content) = match self.scene {
            Scene::ImportedByOperator => ("import.csv", catalog(&AFTER.0)),
            _ => ("demo.csv", catalog(&AFTER.0)),
        };
        if !self.is_written {
            shop.write(name, &content);
            self.is_written = true;
        }
        if self.scene == Scene::ImportedByOperator {
            import(shop, name).await;
        }
    }

    /// Waits for the second version. Once it was seen, the first one is gone.
    async fn see_the_change(&mut self, acp: &Acp<'_>) {
        let mut looks = 0;
        while looks < 2 {
            let Some(session) = quoted(acp).await else { continue };
            match session.total("items_base_amount") {
                total if total == AFTER.1 => {
                    self.is_imported = true;
                    looks += 1;
                }
                total => {
                    assert_eq!(total, BEFORE.1, "a mixture of versions is in force");
                    assert!(!self.is_imported, "the version before is in force again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

impl Party for Importer {
    async fn prepare(&mut self, shop: &mut Shop) {
        if self.scene == Scene::ImportedAtStart {
            shop.start(None);
            let acp = shop.wait_until_serving().await.expect("the host serves");
            self.be_quoted_before(&acp).await;
            shop.kill();
            self.change(shop).await;
        }
    }

    async fn go_on(&mut self, shop: &Shop, acp: &Acp<'_>) {
        self.be_quoted_before(acp).await;
        self.change(shop).await;
        self.see_the_change(acp).await;
    }

    async fn assert_ledgers_agree(&self, shop: &Shop) {
        let acp = shop.wait_until_serving().await.expect("the host serves");
        let session = self.quoted.as_deref().expect("a session was quoted before");
        let address = fixtures::delivery(RELEASE, &fixtures::address());
        let kept = acp.update(session, &address).await.expect(200);
        assert_eq!(kept.total("items_base_amount"), BEFORE.1, "a quoted price has changed");

        // The file was imported once, and nothing of another import is left.
        let versions =
            shop.catalog_texts("SELECT version || ' ' || items || ' ' || changed FROM version ORDER BY version");
        assert_eq!(versions, ["1 2 2", "2 2 2"]);
        let rows = shop.catalog_texts("SELECT id || ' ' || since FROM item ORDER BY id");
        assert_eq!(rows, ["cup 2", "mug 2"]);
        assert_eq!(shop.catalog_texts("SELECT id FROM gone"), [""; 0]);
    }
}

/// A new session for the items, as it was quoted; `None` without an answer, or while the merchant has no catalog.
async fn quoted(acp: &Acp<'_>) -> Option<HttpResponse> {
    let request = acp.post("/checkout_sessions").json(&fixtures::cart(RELEASE, ITEMS));
    let answer = request.try_send().await.ok();
    if let Some(answer) = answer.filter(|answer| answer.status == 201) {
        return Some(answer);
    }
    tokio::time::sleep(PAUSE).await;
    None
}

/// Asks for the import until it was done. Whether it was is not known without an answer; then it is asked for again.
async fn import(shop: &Shop, name: &str) {
    let request = ImportCatalog {
        merchant: MerchantId::new("demo"),
        file: shop.folder().join(name),
        feed: FeedType::Product,
        mode: ImportMode::Replace,
        encoding: None,
        separator: None,
        strict: false,
        keep_good: false,
        incomplete: false,
        stock_as_counted: false,
        errors: None,
        actor: "ada".to_owned(),
    };
    loop {
        match shop.operate(&request).await {
            Ok(answer) => return assert_eq!(answer.refusal, None, "{answer:#?}"),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
