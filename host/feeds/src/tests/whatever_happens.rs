//! Whatever becomes of uploads, the next one that ends well leaves at Stripe what fits of the catalog, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_sandbox::stripe::feeds::ImportFailure;

use tillhouse_checkout::catalog::CatalogKind;
use tillhouse_checkout::feed::{FeedMode, FeedStatus, FeedType};
use tillhouse_checkout::ids::{FeedUploadId, HostId};

use tillhouse_checkout::ports::FeedFilter;

use crate::service::{AskFeed, FeedService};
use crate::testing::{Way, World, rows_with_unfit};

const IDS: [&str; 7] = ["bag", "cap", "hat", "mug", "pin", "tee", "zip"];

/// How often rows of one id are refused: a delete of what is not known to be there is not repeated for ever.
const MOST_REFUSED: u8 = 2;

/// Numbers that are the same in each run.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn is_one_of(&mut self, most: u64) -> bool {
        self.below(most) == 0
    }
}

/// A world in which anything may happen, and what Stripe is to have in the end.
#[derive(Debug)]
struct Model {
    world: World,
    way: Way,
    kind: CatalogKind,
    dice: Dice,
    refused: BTreeMap<&'static str, u8>,
    /// Ids with the cell of each that changes.
    wanted: BTreeMap<String, String>,
    /// What happened, for the message of a failure.
    told: Vec<String>,
}

impl Model {
    async fn new(way: Way, kind: CatalogKind, seed: u64) -> Self {
        let mut model = Self {
            world: World::new(way).await,
            way,
            kind,
            dice: Dice(seed),
            refused: BTreeMap::new(),
            wanted: BTreeMap::new(),
            told: Vec::new(),
        };
        model.import().await;
        model
    }

    /// Import some rows, of which some break a rule, but never all.
    async fn import(&mut self) {
        let dice = &mut self.dice;
        let there: Vec<&str> = IDS.into_iter().filter(|_| !dice.is_one_of(3)).collect();
        let mut unfit: Vec<&str> = there.iter().copied().filter(|_| dice.is_one_of(4)).collect();
        if unfit.len() == there.len() {
            unfit.clear();
        }
        let digit = dice.below(10);
        let (from, to, cell) = match self.kind {
            CatalogKind::Product => ("15.00", format!("1{digit}.00"), format!("1{digit}.00 USD")),
            CatalogKind::Promotion => ("percent_off,20", format!("percent_off,1{digit}"), format!("1{digit}")),
        };
        let rows = rows_with_unfit(self.kind, &there, &unfit).replace(from, &to);
        self.world.import_feed(self.kind.feed(), &rows).await;
        self.told.push(format!("import {there:?} unfit {unfit:?} {cell}"));
        let fit = there.into_iter().filter(|id| !unfit.contains(id));
        self.wanted = fit.map(|id| (id.to_owned(), cell.clone())).collect();
    }

    fn at_stripe(&self) -> BTreeMap<String, String> {
        let catalog = self.world.sandbox.stripe.catalog();
        let (rows, column) = match self.kind {
            CatalogKind::Product => (catalog.items, "price"),
            CatalogKind::Promotion => (catalog.promotions, "percent_off"),
        };
        let told = rows
            .into_iter()
            .map(|(id, row)| (id, row.column(column).unwrap_or_default().to_owned()));
        told.collect()
    }

    fn refuse_some_rows(&mut self) {
        let (dice, refused) = (&mut self.dice, &mut self.refused);
        let some = IDS.into_iter().filter(|_| dice.is_one_of(3));
        let some: Vec<_> = some
            .filter(|id| {
                let count = refused.entry(id).or_default();
                *count += 1;
                *count <= MOST_REFUSED
            })
            .map(|id| (id, "not now"))
            .collect();
        self.told.push(format!("refuse {some:?}"));
        self.world.sandbox.stripe.fail_next_rows(&some);
    }

    fn disturb_a_request(&mut self) {
        let steps: &[Operation] = match self.way {
            Way::ImportSets => &[
                Operation::UploadFile,
                Operation::CreateImportSet,
                Operation::ReadImportSet,
            ],
            Way::CatalogImports => &[
                Operation::CreateCatalogImport,
                Operation::ReadCatalogImport,
                Operation::PutFeed,
            ],
        };
        let faults = [
            Fault::LoseAnswer,
            Fault::DropConnection,
            Fault::Status(500),
            Fault::Status(503),
        ];
        let step = steps[usize::try_from(self.dice.below(3)).unwrap()];
        let fault = faults[usize::try_from(self.dice.below(4)).unwrap()];
        self.told.push(format!("{step:?} {fault:?}"));
        self.world.sandbox.stripe.fail_next(step, fault);
    }

    async fn ask(&mut self, beside: bool) -> (FeedService, FeedUploadId) {
        if self.way == Way::CatalogImports && self.dice.is_one_of(4) {
            self.world.mode = match self.world.mode {
                FeedMode::Replace => FeedMode::Upsert,
                _ => FeedMode::Replace,
            };
        }
        // So that it does not count as under way beside the one before.
        self.world.clock.pass(Duration::from_secs(1));
        let host = self.world.host("host_1");
        let feed = match self.dice.below(6) {
            0 if self.kind == CatalogKind::Product && self.way == Way::CatalogImports => FeedType::Pricing,
            _ => self.kind.feed(),
        };
        let ask = AskFeed {
            beside,
            ..World::ask(feed)
        };
        let asked = host.ask_full(&ask).await.unwrap();
        self.told.push(format!("{} {} {}", asked.id, asked.feed, asked.mode));
        (host, asked.id)
    }

    /// An upload that is given up while Stripe works on it, or before.
    async fn abandon_one(&mut self) {
        let held = self.world.sandbox.stripe.hold_imports();
        let (host, id) = self.ask(false).await;
        if !self.dice.is_one_of(3) {
            host.run_once().await;
        }
        self.told.push("abandoned".to_owned());
        // Over already if there was nothing to upload.
        let _ = host.abandon(&id, "test").await;
        if self.dice.is_one_of(2) {
            self.import().await;
            let (host, next) = self.ask(false).await;
            host.run_once().await;
            if let Some(last) = self.world.sandbox.stripe.feed_imports().last() {
                self.world.sandbox.stripe.finish_import(&last.id).await;
            }
            self.told.push("Stripe takes it after the next one".to_owned());
            self.finish(&host, &next).await;
        }
        drop(held);
        self.settle_imports().await;
        let (host, open) = (
            self.world.host("host_1"),
            FeedFilter {
                states: vec![FeedStatus::Asked, FeedStatus::Uploading, FeedStatus::Processing],
                limit: 10,
                ..FeedFilter::default()
            },
        );
        for upload in self.world.store.feeds().feed_uploads(&open).await.unwrap() {
            self.world.until_over(&host, &upload.id).await;
        }
    }

    /// Two uploads, which Stripe ends in either order.
    async fn upload_two(&mut self) {
        let held = self.world.sandbox.stripe.hold_imports();
        let (host, first) = self.ask(false).await;
        host.run_once().await;
        self.import().await;
        let (host, second) = self.ask(true).await;
        host.run_once().await;
        if self.dice.is_one_of(2) {
            if let Some(last) = self.world.sandbox.stripe.feed_imports().last() {
                self.world.sandbox.stripe.finish_import(&last.id).await;
            }
            self.finish(&host, &second).await;
            self.told.push("the second one first".to_owned());
        }
        // Stripe takes a while.
        self.world.clock.pass(Duration::from_secs(1));
        drop(held);
        self.world.until_over(&host, &first).await;
        self.world.until_over(&host, &second).await;
    }

    /// Work on an upload as far as it gets while Stripe's imports are held.
    async fn finish(&self, host: &FeedService, id: &FeedUploadId) {
        for _ in 0..3 {
            if self.world.upload(id).await.status.is_open() {
                host.run_once().await;
            }
        }
    }

    /// A host that stops wherever it is. Another one goes on once its lease is over.
    async fn crash(&mut self) {
        let (host, id) = self.ask(false).await;
        for _ in 0..2 {
            let after = Duration::from_micros(self.dice.below(12_000));
            let _ = tokio::time::timeout(after, host.run_once()).await;
        }
        self.told.push("crash".to_owned());
        drop(host);
        let queue = self.world.store.store();
        queue.release_leases(&HostId::new("host_1")).await.unwrap();
        self.world.until_over(&self.world.host("host_2"), &id).await;
    }

    /// Stripe ends what it was told of.
    async fn settle_imports(&self) {
        let stripe = &self.world.sandbox.stripe;
        for import in stripe.feed_imports() {
            if import.file.is_some() {
                stripe.finish_import(&import.id).await;
            }
        }
    }

    async fn step(&mut self) {
        match self.dice.below(8) {
            0 | 1 => return self.import().await,
            2 => self.refuse_some_rows(),
            3 => self.world.sandbox.stripe.fail_next_import(ImportFailure {
                code: "internal_error",
                message: "Something went wrong.".to_owned(),
                is_transient: true,
            }),
            4 => self.disturb_a_request(),
            5 => return self.abandon_one().await,
            6 => return self.upload_two().await,
            _ => return self.crash().await,
        }
        let (host, id) = self.ask(false).await;
        self.world.until_over(&host, &id).await;
    }

    /// Upload until one ends well: what was disturbed before may be left over.
    async fn upload_at_last(&self) {
        self.settle_imports().await;
        for _ in 0..20 {
            self.world.clock.pass(Duration::from_secs(1));
            let upload = self.world.uploaded_feed(self.kind.feed()).await;
            let nothing = upload.problem.is_some_and(|why| why.contains("there is no row"));
            if upload.status == FeedStatus::Succeeded || nothing {
                return;
            }
        }
        panic!("no upload ends well: {self:?}");
    }
}

async fn run(way: Way, kind: CatalogKind, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut model = Model::new(way, kind, seed).await;
        for _ in 0..8 {
            model.step().await;
        }
        model.upload_at_last().await;
        let uploads = FeedFilter {
            limit: 100,
            ..FeedFilter::default()
        };
        let uploads = model.world.store.feeds().feed_uploads(&uploads).await.unwrap();
        let uploads = uploads
            .iter()
            .rev()
            .map(|it| (it.id.to_string(), it.status.to_string(), it.counts, it.problem.clone()));
        assert_eq!(
            model.at_stripe(),
            model.wanted,
            "{way:?} {kind:?} {seed} {:#?} {:#?}",
            model.told,
            uploads.collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn items_at_stripe_are_those_of_the_catalog_by_catalog_imports() {
    run(Way::CatalogImports, CatalogKind::Product, 0..6).await;
}

#[tokio::test]
async fn items_at_stripe_are_those_of_the_catalog_by_import_sets() {
    run(Way::ImportSets, CatalogKind::Product, 100..103).await;
}

#[tokio::test]
async fn promotions_at_stripe_are_those_that_were_imported() {
    run(Way::CatalogImports, CatalogKind::Promotion, 200..206).await;
}
