//! Which version of a catalog a phase reads, when it opens it, and what follows where it cannot be read.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::components::{EMPTY_ANSWER, pricing};
use super::importing::{CATALOG_GET, pricing_with};
use super::support::{binding, host, host_with, merchant, merchant_plugins, scope};
use crate::{MerchantPlugins, Plugins};
use tillhouse_catalog::{Catalog, CatalogReadError, CatalogReader, CatalogSource, Item};
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseScope, StoreError};
use tillhouse_checkout::time::Timestamp;

/// Asks for the item `tee`, and traps if there is none.
const ASK_FOR_TEE: &str = "
    (i32.store (i32.const 3000) (i32.const 0x656574))
    (i32.store (i32.const 1000) (i32.const 3000)) (i32.store (i32.const 1004) (i32.const 3))
    (call $host (i32.const 1000) (i32.const 1) (i32.const 2000000))
    (if (i32.eqz (i32.load8_u (i32.load (i32.const 2000000)))) (then unreachable))
    (i32.const 0)";

/// A catalog whose item `tee` has the number of the version in its title.
#[derive(Debug, Default)]
struct Versions {
    in_force: AtomicU64,
    /// Which version was asked for, at each opening.
    opened: Mutex<Vec<Option<CatalogVersion>>>,
    reads: Reads,
}

/// What its readers do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reads {
    #[default]
    Answered,
    Failed,
    /// They never have an answer.
    Unanswered,
}

#[async_trait]
impl CatalogSource for Versions {
    async fn open(
        &self,
        pinned: Option<CatalogVersion>,
        _: Timestamp,
    ) -> Result<Arc<dyn CatalogReader>, CatalogReadError> {
        self.opened.lock().unwrap().push(pinned);
        let version = pinned.unwrap_or(CatalogVersion(self.in_force.load(Ordering::Relaxed)));
        let feed = format!("id,title,price,availability\ntee,Tee of {version},1.00 USD,in_stock\n");
        Ok(Arc::new(Version {
            version,
            items: Arc::new(Catalog::from_csv(feed.as_bytes()).unwrap()),
            reads: self.reads,
        }))
    }
}

#[derive(Debug)]
struct Version {
    version: CatalogVersion,
    items: Arc<dyn CatalogReader>,
    reads: Reads,
}

#[async_trait]
impl CatalogReader for Version {
    fn version(&self) -> Option<CatalogVersion> {
        Some(self.version)
    }

    async fn items(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError> {
        match self.reads {
            Reads::Answered => self.items.items(ids).await,
            Reads::Failed => Err(StoreError::new("the disk is gone").into()),
            Reads::Unanswered => pending().await,
        }
    }
}

impl Versions {
    fn with(reads: Reads) -> Arc<Self> {
        Arc::new(Self {
            in_force: AtomicU64::new(1),
            reads,
            ..Self::default()
        })
    }

    fn opened(&self) -> Vec<Option<CatalogVersion>> {
        self.opened.lock().unwrap().clone()
    }
}

async fn install(plugins: &Plugins, component: Vec<u8>, catalog: &Arc<Versions>) {
    let component = plugins.load(component).await.unwrap();
    let shop = MerchantPlugins {
        catalog: Arc::clone(catalog) as _,
        ..merchant_plugins(vec![binding("shop", &component)])
    };
    plugins.install(merchant("acme"), shop).await.unwrap();
}

async fn title(phase: &mut dyn Phase) -> String {
    let described = phase.describe(&[ItemId::new("tee")]).await.unwrap().remove(0);
    described.unwrap().title
}

fn assert_unavailable<T: std::fmt::Debug>(answer: Result<T, DecisionError>) {
    let error = answer.unwrap_err();
    let is_unavailable = matches!(
        error,
        DecisionError::Unavailable {
            retry_after: Some(_),
            ..
        }
    );
    assert!(is_unavailable, "{error:?}");
}

#[tokio::test]
async fn a_phase_opens_the_catalog_once_and_only_if_a_call_needs_it() {
    let (plugins, catalog) = (host(), Versions::with(Reads::Answered));
    install(&plugins, pricing(EMPTY_ANSWER), &catalog).await;
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    phase.price(&Cart::default()).await.unwrap();
    assert_eq!((phase.catalog(), catalog.opened()), (None, vec![]));
    for _ in 0..2 {
        title(phase.as_mut()).await;
    }
    assert_eq!(
        (phase.catalog(), catalog.opened()),
        (Some(CatalogVersion(1)), vec![None])
    );
}

#[tokio::test]
async fn a_phase_keeps_its_version_while_another_comes_into_force() {
    let (plugins, catalog) = (host(), Versions::with(Reads::Answered));
    install(&plugins, pricing_with(&CATALOG_GET, ASK_FOR_TEE), &catalog).await;
    let mut before = plugins.open(scope("acme")).await.unwrap();
    before.price(&Cart::default()).await.expect("tee is in the catalog");
    catalog.in_force.store(2, Ordering::Relaxed);
    let mut after = plugins.open(scope("acme")).await.unwrap();
    assert_eq!(
        (title(before.as_mut()).await, title(after.as_mut()).await),
        ("Tee of 1".to_owned(), "Tee of 2".to_owned())
    );
    assert_eq!(before.catalog(), Some(CatalogVersion(1)));
    assert_eq!(after.catalog(), Some(CatalogVersion(2)));
}

#[tokio::test]
async fn a_phase_asks_for_the_version_of_its_session() {
    let (plugins, catalog) = (host(), Versions::with(Reads::Answered));
    install(&plugins, pricing(EMPTY_ANSWER), &catalog).await;
    let pinned = Some(CatalogVersion(7));
    let of_session = PhaseScope {
        catalog: pinned,
        ..scope("acme")
    };
    let mut phase = plugins.open(of_session).await.unwrap();
    assert_eq!(title(phase.as_mut()).await, "Tee of 7");
    assert_eq!((phase.catalog(), catalog.opened()), (pinned, vec![pinned]));
}

#[tokio::test]
async fn a_catalog_that_cannot_be_read_is_unavailable_and_not_empty() {
    let (plugins, catalog) = (host(), Versions::with(Reads::Failed));
    install(&plugins, pricing_with(&CATALOG_GET, ASK_FOR_TEE), &catalog).await;
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    assert_unavailable(phase.describe(&[ItemId::new("tee")]).await);
    assert_unavailable(phase.price(&Cart::default()).await);
}

#[tokio::test]
async fn a_read_of_the_catalog_ends_with_the_time_of_the_caller() {
    let (plugins, catalog) = (host(), Versions::with(Reads::Unanswered));
    install(&plugins, pricing_with(&CATALOG_GET, ASK_FOR_TEE), &catalog).await;
    let soon = || PhaseScope {
        deadline: Some(Instant::now() + Duration::from_millis(20)),
        ..scope("acme")
    };
    let mut phase = plugins.open(soon()).await.unwrap();
    assert_unavailable(phase.describe(&[ItemId::new("tee")]).await);
    let mut phase = plugins.open(soon()).await.unwrap();
    assert_unavailable(phase.price(&Cart::default()).await);
}

#[tokio::test]
async fn a_read_of_the_catalog_ends_with_the_time_of_the_call() {
    let plugins = host_with(|settings| settings.limits.decision.wall = Duration::from_millis(20));
    let catalog = Versions::with(Reads::Unanswered);
    install(&plugins, pricing_with(&CATALOG_GET, ASK_FOR_TEE), &catalog).await;
    let mut phase = plugins.open(scope("acme")).await.unwrap();
    assert_unavailable(phase.price(&Cart::default()).await);
}
