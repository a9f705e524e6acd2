//! A host's feeds over a real store and the simulated Stripe, for the tests of this crate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use tillhouse_sandbox::{Sandbox, SandboxConfig};

use tillhouse_catalog::{FeedReader, FeedRecord, ReadOptions, Separator};
use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion, CatalogWrite, ImportMode, ImportRecord};
use tillhouse_checkout::decision::{OrderNotice, ProcessorWebhook};
use tillhouse_checkout::feed::{FeedMode, FeedRowError, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, HostId, IdGenerator, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{DecisionError, Decisions, Phase, PhaseScope, catalogs_of};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_egress::{Client, Upstream};
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

use crate::destination::{Destination, Destinations, STRIPE};
use crate::parts::{FeedParts, FeedTimings};
use crate::schedule::DailyTime;
use crate::service::{AskFeed, FeedService};
use crate::stripe::{CATALOG_IMPORTS_VERSION, CatalogImports, IMPORT_SETS_VERSION, ImportSets, StripeSettings};
use crate::transport::Transport;

/// When tests begin: 2026-11-30T10:00:00Z.
pub(crate) const START: Timestamp = Timestamp(1_796_032_800_000);

/// Header and rows of a catalog that is good in every way.
pub(crate) fn catalog(ids: &[&str]) -> String {
    let header = "id,title,description,link,image_link,availability,inventory_quantity,price,brand,mpn,google_product_category,shipping\n";
    let row = |id: &&str| {
        format!(
            "{id},Mug,A mug,https://shop.example/{id},https://shop.example/{id}.png,in_stock,5,15.00 USD,Acme,M-{id},Home & Garden > Kitchen & Dining,US:ALL:Standard:3-5:4.99 USD\n"
        )
    };
    ids.iter().map(row).fold(header.to_owned(), |all, row| all + &row)
}

/// Promotions that break no rule.
pub(crate) fn promotions(ids: &[&str]) -> String {
    let header = "title,promotion_id,active_period,benefit_type,percent_off,target_selection,application_type\n";
    let row = |id: &&str| {
        format!("Sale,{id},2026-05-01T00:00:00Z/2026-06-01T00:00:00Z,percent_off,20,all_products,automatic\n")
    };
    ids.iter().map(row).fold(header.to_owned(), |all, row| all + &row)
}

/// Rows of one kind that are good in every way, but for those that break a rule of the feed.
pub(crate) fn rows_with_unfit(kind: CatalogKind, ids: &[&str], unfit: &[&str]) -> String {
    let rows = match kind {
        CatalogKind::Product => catalog(ids),
        CatalogKind::Promotion => promotions(ids),
    };
    unfit.iter().fold(rows, |rows, id| match kind {
        CatalogKind::Product => rows.replace(&format!("https://shop.example/{id}.png"), ""),
        CatalogKind::Promotion => rows.replace(&format!("Sale,{id},"), &format!(",{id},")),
    })
}

/// A clock that tests set.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn pass(&self, time: Duration) {
        self.0
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, time: Duration) {
        self.0
            .fetch_sub(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug, Default)]
struct CountedIds(AtomicU64);

impl IdGenerator for CountedIds {
    fn next(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn idempotency_key(&self) -> String {
        self.next("key")
    }
}

/// A merchant without plugins.
#[derive(Debug)]
struct NoDecisions;

#[async_trait]
impl Decisions for NoDecisions {
    async fn open(&self, scope: PhaseScope) -> Result<Box<dyn Phase>, DecisionError> {
        unimplemented!("no phase is opened for {}", scope.merchant)
    }

    fn keeps_stock_here(&self, _: &MerchantId) -> bool {
        true
    }

    fn hears_session_ends(&self, _: &MerchantId) -> bool {
        false
    }

    async fn read_order_notice(&self, _: &MerchantId, _: ProcessorWebhook) -> Result<OrderNotice, DecisionError> {
        unimplemented!()
    }
}

/// How feeds get to the simulated Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ImportSets,
    CatalogImports,
}

/// A store with a catalog, a Stripe, and any number of hosts.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) store: StoreEngine,
    pub(crate) clock: Arc<TestClock>,
    ids: Arc<CountedIds>,
    way: Way,
    pub(crate) mode: FeedMode,
    pub(crate) full: Option<DailyTime>,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new(way: Way) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicU64::new(START.millis())));
        let settings = StoreSettings::Sqlite(SqliteSettings::new(folder.path().join("store")));
        let store = StoreEngine::open(&settings, Arc::clone(&clock) as _).await.unwrap();
        Self {
            sandbox: Sandbox::start(SandboxConfig::default()).await.unwrap(),
            store,
            clock,
            ids: Arc::default(),
            way,
            mode: FeedMode::Upsert,
            full: None,
            _folder: folder,
        }
    }

    pub(crate) fn merchant() -> MerchantId {
        MerchantId::new("acme")
    }

    /// Import a whole catalog of items.
    pub(crate) async fn import(&self, csv: &str) -> CatalogVersion {
        self.import_feed(FeedType::Product, csv).await
    }

    /// Import a whole catalog of items or promotions.
    pub(crate) async fn import_feed(&self, feed: FeedType, csv: &str) -> CatalogVersion {
        let holder = self.holder("importer");
        let catalogs = catalogs_of(&self.store.catalogs(), feed.kind());
        let merchant = Self::merchant();
        let begun = catalogs.begin_catalog_import(&merchant, &holder, ImportMode::Replace, self.clock.now());
        let mut import = begun.await.unwrap();
        let rows = FeedReader::open(csv.as_bytes(), &ReadOptions::new(feed)).unwrap();
        let rows = rows.map(|record| match record.unwrap() {
            FeedRecord::Row { row, .. } => CatalogWrite::Item(row),
            other => panic!("{other:?}"),
        });
        let rows: Vec<_> = rows.collect();
        assert_eq!(import.write(rows).await.unwrap(), []);
        let record = ImportRecord {
            source: "test".to_owned(),
            sha256: String::new(),
            mode: ImportMode::Replace,
            by: "test".to_owned(),
            refused: 0,
        };
        import.finish(record, self.clock.now()).await.unwrap().version
    }

    fn holder(&self, host: &str) -> LeaseHolder {
        LeaseHolder {
            host: HostId::new(host),
            lease: Duration::from_secs(30),
        }
    }

    fn transport(&self, client: &Client) -> Arc<dyn Transport> {
        let stripe = &self.sandbox.stripe;
        let upstream = || {
            let mut upstream = Upstream::new("stripe", &stripe.url()).unwrap();
            (upstream.allow_http, upstream.allow_private) = (true, true);
            upstream
        };
        let version = match self.way {
            Way::ImportSets => IMPORT_SETS_VERSION,
            Way::CatalogImports => CATALOG_IMPORTS_VERSION,
        };
        let settings = StripeSettings {
            api: upstream(),
            files: upstream(),
            key: Arc::new(Secret::new(stripe.secret_key().reveal().to_owned())),
            version: version.to_owned(),
            upload_hosts: vec!["127.0.0.1".to_owned()],
            spool: None,
            timings: Self::timings(),
        };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        match self.way {
            Way::ImportSets => Arc::new(ImportSets::new(client.clone(), settings, clock)),
            Way::CatalogImports => Arc::new(CatalogImports::new(client.clone(), settings, clock)),
        }
    }

    fn timings() -> FeedTimings {
        FeedTimings {
            pauses: vec![Duration::ZERO],
            stall: Duration::from_secs(2),
            ..FeedTimings::default()
        }
    }

    /// The feeds of a host.
    pub(crate) fn host(&self, name: &str) -> FeedService {
        let client = Client::new().unwrap();
        let destination = Destination {
            merchant: Self::merchant(),
            name: STRIPE.to_owned(),
            transport: self.transport(&client),
            mode: self.mode.clone(),
            separator: Separator::Comma,
            full: self.full.clone(),
            increments: None,
        };
        FeedService::new(Arc::new(FeedParts {
            queue: self.store.feeds(),
            catalogs: self.store.catalogs(),
            store: self.store.store(),
            decisions: Arc::new(NoDecisions),
            client,
            clock: Arc::clone(&self.clock) as _,
            ids: Arc::clone(&self.ids) as _,
            holder: self.holder(name),
            destinations: Destinations::from_iter([destination]),
            spool: None,
            timings: Self::timings(),
        }))
    }

    pub(crate) fn ask(feed: FeedType) -> AskFeed {
        AskFeed {
            merchant: Self::merchant(),
            destination: STRIPE.to_owned(),
            feed,
            by: "operator:ada".to_owned(),
            beside: false,
        }
    }

    /// Ask a host for an upload of all products.
    pub(crate) async fn asked(&self, host: &FeedService) -> FeedUploadId {
        host.ask_full(&Self::ask(FeedType::Product)).await.unwrap().id
    }

    pub(crate) async fn upload(&self, id: &FeedUploadId) -> FeedUpload {
        self.store.feeds().feed_upload(id).await.unwrap().unwrap()
    }

    pub(crate) async fn errors(&self, id: &FeedUploadId) -> Vec<FeedRowError> {
        self.store.feeds().feed_errors(id, 0, 100).await.unwrap()
    }

    /// Let a host work until an upload is over. Its looks at an import are due at once, and each takes a request.
    pub(crate) async fn until_over(&self, host: &FeedService, id: &FeedUploadId) -> FeedUpload {
        let over = async {
            loop {
                host.run_once().await;
                let upload = self.upload(id).await;
                if !upload.status.is_open() {
                    return upload;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), over).await.unwrap()
    }

    /// Ask for an upload of all products, and let a host work until it is over.
    pub(crate) async fn uploaded(&self) -> FeedUpload {
        self.uploaded_feed(FeedType::Product).await
    }

    /// Ask for an upload, and let a host work until it is over.
    pub(crate) async fn uploaded_feed(&self, feed: FeedType) -> FeedUpload {
        let host = self.host("host_1");
        let asked = host.ask_full(&Self::ask(feed)).await.unwrap();
        self.until_over(&host, &asked.id).await
    }

    /// The ids of what Stripe has.
    pub(crate) fn at_stripe(&self, kind: CatalogKind) -> Vec<String> {
        let catalog = self.sandbox.stripe.catalog();
        match kind {
            CatalogKind::Product => catalog.items,
            CatalogKind::Promotion => catalog.promotions,
        }
        .into_keys()
        .collect()
    }
}
