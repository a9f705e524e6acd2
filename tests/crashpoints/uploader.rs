//! A feed that is uploaded to Stripe in the middle of crashes: it is asked for once, read once, and the row that Stripe refuses is named.

use std::time::Duration;

use serde_json::Value;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::feeds::{FeedTarget, UploadFeed};
use tillhouse_sandbox::stripe::feeds::{EventDestination, FeedImport};
use tillhouse_sandbox::{Hold, Secret};
use tillhouse_tests::crashpoints::{Delays, Shop};
use tillhouse_tests::{Acp, Merchant};

use crate::case::Party;
use crate::products::catalog;
use crate::scene::Scene;

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(10);

/// The operator and Stripe, which outlive the hosts.
#[derive(Debug)]
pub(crate) struct Uploader {
    scene: Scene,
    /// Keeps Stripe from reading the feed, until the host has noted that it does.
    held: Option<Hold>,
}

impl Uploader {
    pub(crate) async fn open(scene: Scene, delays: Delays) -> Shop {
        let way = match scene {
            Scene::ToldOfImportSet | Scene::UntoldOfImportSet => "import_sets",
            _ => "catalog_imports",
        };
        let feed = format!("feed = {{ transport = \"{way}\", upload_hosts = [\"127.0.0.1\"] }}");
        let merchant = Merchant::named("demo").catalog(&catalog(&["9.00", "9.00", "9.00"]));
        let shop = Shop::open_as(merchant.set(&feed), delays).await;
        shop.sandbox
            .stripe
            .fail_next_rows(&[("mug", "The price is not one, or \"free\".")]);
        shop
    }

    pub(crate) const fn of(scene: Scene) -> Self {
        Self { scene, held: None }
    }

    /// Has Stripe tell the host that listens now, and tell again what was not acknowledged.
    async fn tell(&self, shop: &Shop) {
        let stripe = &shop.sandbox.stripe;
        let told = stripe.sent_events();
        if let Some(last) = told.last()
            && told.iter().all(|event| event.answer != Some(200))
        {
            stripe.send_event_again(&last.id).await;
        }
    }
}

impl Party for Uploader {
    async fn prepare(&mut self, shop: &mut Shop) {
        if self.scene.is_told() {
            self.held = Some(shop.sandbox.stripe.hold_imports());
        }
    }

    async fn go_on(&mut self, shop: &Shop, _: &Acp<'_>) {
        if self.scene.is_told() {
            shop.sandbox.stripe.send_events_to(EventDestination {
                url: shop.stripe_endpoint(),
                secret: Secret::from("whsec_events_demo"),
            });
        }
        ask(shop).await;
        loop {
            match status(shop).as_str() {
                "asked" | "uploading" => {}
                "processing" => {
                    self.held = None;
                    self.tell(shop).await;
                }
                _ if self.scene.is_told() && !is_told(shop) => self.tell(shop).await,
                _ => return,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn assert_ledgers_agree(&self, shop: &Shop) {
        assert_eq!(shop.texts("SELECT status FROM feed_upload"), ["succeeded_with_errors"]);
        let imports = shop.sandbox.stripe.feed_imports();
        assert_eq!(imports.len(), 1, "{imports:#?}");
        assert_eq!(imports[0].applied, Some(1), "{imports:#?}");
        assert_one_file(shop, &imports[0]);

        // What Stripe has, and what the merchant is told of the rest.
        let catalog = shop.sandbox.stripe.catalog();
        assert_eq!(Vec::from_iter(catalog.items.keys()), ["cup", "pot"]);
        let errors = shop.texts("SELECT body FROM feed_error");
        let errors: Vec<Value> = errors.iter().map(|body| body.parse().unwrap()).collect();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        let error = &errors[0];
        let place = (&error["item"], &error["row"], &error["line"], &error["column"]);
        assert_eq!(place, (&"mug".into(), &2.into(), &3.into(), &"price".into()));
        let uploaded = shop.catalog_texts(
            "SELECT id FROM uploaded WHERE json_extract(CAST(content AS TEXT), '$.t') IS NOT NULL ORDER BY id",
        );
        assert_eq!(uploaded, ["cup", "pot"], "what was refused is not at Stripe");

        let events = shop.texts("SELECT kind FROM inbox");
        assert_eq!(events.len(), usize::from(self.scene.is_told()), "{events:?}");
        assert!(shop.backlog().is_empty(), "{:#?}", shop.backlog());
    }
}

/// Asserts that Stripe got one file, once, and made a file of the rows that it refuses.
fn assert_one_file(shop: &Shop, import: &FeedImport) {
    let files = shop.sandbox.stripe.feed_files();
    let uploaded = files.iter().filter(|file| Some(&file.id) == import.file.as_ref());
    assert_eq!((files.len(), uploaded.count()), (2, 1), "{files:#?}");
    assert!(import.uploads <= 1, "the file was put {} times", import.uploads);
}

/// Asks for the upload, unless it was asked for: without an answer, the history says whether it was.
async fn ask(shop: &Shop) {
    let request = UploadFeed {
        target: FeedTarget {
            merchant: Some(MerchantId::new("demo")),
            destination: None,
            feed: FeedType::Product,
        },
        beside: false,
        actor: "ada".to_owned(),
    };
    while shop.texts("SELECT id FROM feed_upload").is_empty() {
        if shop.operate(&request).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn status(shop: &Shop) -> String {
    shop.texts("SELECT status FROM feed_upload").remove(0)
}

fn is_told(shop: &Shop) -> bool {
    let told = shop.sandbox.stripe.sent_events();
    told.iter().any(|event| event.answer == Some(200))
}
