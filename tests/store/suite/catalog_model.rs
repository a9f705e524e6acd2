//! Random imports, forgetting and reads, compared step by step with a model that keeps each version as a whole.

mod model;
mod script;

use std::collections::BTreeMap;
use std::sync::Arc;

use tillhouse_checkout::catalog::{CatalogKind, CatalogRow, CatalogVersion, ImportRecord};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{CatalogStore, catalogs_of};

use super::Subject;
use super::fixtures::*;
use model::Model;
use script::{IDS, ImportStep, Step};

/// Steps of each script. Scripts are the same in each run.
const STEPS: usize = 60;
const SCRIPTS: u64 = 2;

/// A merchant's catalog under test, and what it should be.
struct Compared {
    merchant: MerchantId,
    store: Arc<dyn CatalogStore>,
    model: Model,
}

pub(crate) async fn random_imports_make_the_versions_of_a_model(subject: &Subject) {
    for seed in 0..SCRIPTS {
        // Two merchants, and the promotions of one: none sees anything of the others.
        let of = |merchant: &str, kind| Compared {
            merchant: MerchantId::new(format!("{merchant}-{seed}")),
            store: catalogs_of(&subject.catalogs, kind),
            model: Model::default(),
        };
        let mut all = [
            of("acme", CatalogKind::Product),
            of("other", CatalogKind::Product),
            of("acme", CatalogKind::Promotion),
        ];
        for (number, step) in script::random(seed, STEPS).into_iter().enumerate() {
            let told = format!("script {seed}, step {number}: {step:?}");
            let at = number as u64 * 10;
            match &step {
                Step::Import(import) => all[import.catalog].import(import, at, &told).await,
                Step::Forget { catalog, before, keep } => {
                    let ended_before = later(at.saturating_sub(*before));
                    let keep: Vec<CatalogVersion> = keep.iter().copied().map(CatalogVersion).collect();
                    let compared = &mut all[*catalog];
                    let forgotten = compared
                        .store
                        .forget_catalog_versions(&compared.merchant, ended_before, &keep);
                    assert_eq!(
                        forgotten.await.unwrap(),
                        compared.model.forget(ended_before, &keep),
                        "{told}"
                    );
                }
            }
            for compared in &all {
                compared.check_newest(&told).await;
            }
        }
        for compared in &all {
            compared.check_all(&format!("script {seed}")).await;
        }
    }
}

impl Compared {
    async fn import(&mut self, step: &ImportStep, at: u64, told: &str) {
        let by = host("a");
        let begun = self
            .store
            .begin_catalog_import(&self.merchant, &by, step.mode.clone(), later(at));
        let mut import = begun.await.unwrap();
        let mut expected = self.model.begin(step.mode.clone());
        let ids = IDS.map(ItemId::new);
        for batch in step.batches() {
            let current = import.current(&ids).await.unwrap();
            assert_eq!(current, IDS.map(|id| expected.current(id)), "{told}");
            let duplicates = import.write(batch.clone()).await.unwrap();
            assert_eq!(duplicates, expected.write(batch), "{told}");
            assert_eq!(import.so_far(), expected.so_far(), "{told}");
        }
        if step.is_given_up {
            return;
        }
        let record = ImportRecord {
            source: step.source.to_owned(),
            sha256: step.sha256.to_owned(),
            mode: step.mode.clone(),
            by: "operator:ada".to_owned(),
            refused: 0,
        };
        let stored = import.finish(record.clone(), later(at)).await.unwrap();
        let finished = expected.finish();
        let expected = self.model.put_into_force(finished, &self.merchant, record, later(at));
        assert_eq!(stored, expected, "{told}");
    }

    /// The versions by their records, and the rows of the newest two and of the oldest that is kept.
    async fn check_newest(&self, told: &str) {
        let versions = self.store.catalog_versions(&self.merchant, 1000).await.unwrap();
        assert_eq!(versions, self.model.versions(), "{told}");
        assert_eq!(
            self.store.catalog(&self.merchant).await.unwrap(),
            versions.first().cloned(),
            "{told}"
        );
        let kept = self.model.kept();
        for version in kept.iter().rev().take(2).chain(kept.first()) {
            self.check_rows(*version, told).await;
        }
        if let [first, .., before, last] = kept[..] {
            self.check_changes(first, last, told).await;
            self.check_changes(last, before, told).await;
        }
    }

    /// Every version, and what differs between any two of them; those that are forgotten are refused.
    async fn check_all(&self, told: &str) {
        let kept = self.model.kept();
        for version in 1..=self.model.versions().len() as u64 + 1 {
            if kept.contains(&version) {
                self.check_rows(version, told).await;
                for other in &kept {
                    self.check_changes(version, *other, told).await;
                }
            } else {
                let page = self
                    .store
                    .catalog_page(&self.merchant, CatalogVersion(version), None, 1);
                let error = page.await.unwrap_err().to_string();
                assert!(error.ends_with(" is not kept"), "{told}: {error}");
                let rows = self.store.catalog_rows(&self.merchant, CatalogVersion(version), &[]);
                assert!(rows.await.is_err(), "{told}: version {version}");
            }
        }
    }

    async fn check_rows(&self, version: u64, told: &str) {
        let expected = self.model.rows(version);
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .store
                .catalog_page(&self.merchant, CatalogVersion(version), after.as_ref(), 3);
            let page = page.await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            all.extend(page);
        }
        assert_eq!(all, expected, "{told}: pages of version {version}");
        let by_id: BTreeMap<&str, &CatalogRow> = expected.iter().map(|row| (row.id.as_str(), row)).collect();
        // A plugin may ask for anything.
        let asked = IDS.iter().rev().chain(&["", "none", "a\0"]).chain(&IDS);
        let ids: Vec<ItemId> = asked.copied().map(ItemId::new).collect();
        let rows = self
            .store
            .catalog_rows(&self.merchant, CatalogVersion(version), &ids)
            .await
            .unwrap();
        let expected: Vec<Option<CatalogRow>> = ids.iter().map(|id| by_id.get(id.as_str()).copied().cloned()).collect();
        assert_eq!(rows, expected, "{told}: rows of version {version}");
    }

    async fn check_changes(&self, before: u64, now: u64, told: &str) {
        let between = (CatalogVersion(before), CatalogVersion(now));
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.catalog_changes(&self.merchant, between, after.as_ref(), 3);
            let page = page.await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            all.extend(page);
        }
        assert_eq!(all, self.model.changes(before, now), "{told}: {before} to {now}");
    }
}
