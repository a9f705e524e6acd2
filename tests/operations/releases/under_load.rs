//! Releases that are loaded while agents buy.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::served::{AllowedChanges, LoadPlugin, RevertPlugin};
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Release, TestFolder, TestHost, release_file};

use super::{PROCESSOR, text};

/// An item whose stock is not counted: how much is bought depends on how fast the machine is.
const ITEMS: &[(&str, u32)] = &[("album-field", 1)];

/// Requests of operators to a host in this process.
pub(super) struct Operators {
    pub(super) client: AdminClient,
    pub(super) files: Vec<PathBuf>,
}

impl Operators {
    pub(super) fn request(&self, round: usize) -> LoadPlugin {
        let file = &self.files[round];
        LoadPlugin {
            merchant: MerchantId::new("demo"),
            component: std::fs::read(file).unwrap(),
            file: text(file).to_owned(),
            manifest: std::fs::read_to_string(file.with_extension("toml")).unwrap(),
            manifest_name: "plugin.toml".to_owned(),
            allowed: AllowedChanges::default(),
            actor: "ada".to_owned(),
        }
    }

    async fn back(&self) -> String {
        let request = RevertPlugin {
            merchant: MerchantId::new("demo"),
            plugin: None,
            to_configured: false,
            allowed: AllowedChanges::default(),
            actor: "ada".to_owned(),
        };
        self.client
            .send(&request)
            .await
            .expect("the host goes back")
            .now
            .version
    }
}

pub(super) async fn no_request_and_no_payment_fails_while_releases_are_loaded() {
    let host = TestHost::builder()
        .slow_card_delay(Duration::from_millis(800))
        .start()
        .await;
    let host = Arc::new(host);
    let folder = TestFolder::new();
    let operators = Operators {
        client: AdminClient::new(host.store_folder().join("admin.sock")),
        files: (2..5)
            .map(|number| release_file(folder.path(), PROCESSOR, &format!("0.{number}.0")))
            .collect(),
    };
    let (over, bought) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    // One of the buyers pays with a card that the acquirer takes long for: its payments are in flight while releases change.
    let buyers: Vec<_> = ["pm_card_visa", "pm_card_visa", "pm_card_slow"]
        .into_iter()
        .map(|card| {
            let (host, over, bought) = (Arc::clone(&host), Arc::clone(&over), Arc::clone(&bought));
            tokio::spawn(async move {
                let agent = host.acp(Release::V2026_04_17);
                while !over.load(Ordering::Relaxed) {
                    let session = agent.ready(ITEMS).await;
                    let token = host.token_of(card, session.total("total")).await;
                    let paid = agent.complete(session.id(), &token).await;
                    let _ = paid.expect(200).is("completed");
                    bought.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let purchase = async || {
        let before = bought.load(Ordering::Relaxed);
        wait_until("a purchase completes", async || bought.load(Ordering::Relaxed) > before).await;
    };
    for round in 0..operators.files.len() {
        purchase().await;
        let loaded = operators
            .client
            .send(&operators.request(round))
            .await
            .expect("the host loads it");
        assert_eq!(loaded.now.version, format!("0.{}.0", round + 2));
    }
    // Two at once: one after the other, and each says what it replaced.
    let (first, second) = (operators.request(0), operators.request(1));
    let both = tokio::join!(operators.client.send(&first), operators.client.send(&second));
    let (first, second) = (both.0.unwrap(), both.1.unwrap());
    let (one, other) = (first.before.unwrap().version, second.before.unwrap().version);
    assert!(
        (one == "0.4.0" && other == "0.2.0") || (other == "0.4.0" && one == "0.3.0"),
        "{one} {other}"
    );
    purchase().await;
    operators.back().await;
    assert_eq!(operators.back().await, "0.4.0");
    purchase().await;
    over.store(true, Ordering::Relaxed);
    for buyer in buyers {
        buyer.await.expect("every purchase completes");
    }
    assert_eq!(
        host.charges() as u64,
        bought.load(Ordering::Relaxed),
        "one charge per purchase"
    );
}
