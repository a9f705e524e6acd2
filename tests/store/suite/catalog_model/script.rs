//! Random scripts of imports.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use tillhouse_checkout::catalog::{CatalogRow, CatalogWrite, ImportMode};
use tillhouse_checkout::ids::ItemId;

/// Ids of all items, some of which differ only in how they are written.
pub(super) const IDS: [&str; 10] = ["a", "A", "a ", "a-1", "é", "e\u{301}", "\u{10ffff}", "%", "'", "z"];

/// Rows of an item, if it has one: few, so that it is often the same as before, or as in a version before that.
const CONTENTS: [&str; 3] = ["", "5.00", "6.00"];

#[derive(Clone, Debug)]
pub(super) enum Step {
    Import(ImportStep),
    Forget {
        catalog: usize,
        /// How many milliseconds ago versions must have ended.
        before: u64,
        keep: Vec<u64>,
    },
}

/// An import: its rows in the order of the file, and the sizes of the batches in which they are written.
#[derive(Clone, Debug)]
pub(super) struct ImportStep {
    pub(super) catalog: usize,
    pub(super) mode: ImportMode,
    pub(super) source: &'static str,
    pub(super) sha256: &'static str,
    pub(super) is_given_up: bool,
    /// An id, and the content of its row; `None` deletes it.
    rows: Vec<(&'static str, Option<&'static str>)>,
    batch: usize,
}

impl ImportStep {
    pub(super) fn batches(&self) -> Vec<Vec<CatalogWrite>> {
        let writes = self.rows.iter().zip(2..).map(|((id, content), line)| {
            let id = ItemId::new(*id);
            match content {
                Some(content) => CatalogWrite::Item(CatalogRow {
                    id,
                    line,
                    content: content.as_bytes().to_vec(),
                }),
                None => CatalogWrite::Delete { id, line },
            }
        });
        let writes: Vec<CatalogWrite> = writes.collect();
        writes.chunks(self.batch).map(<[CatalogWrite]>::to_vec).collect()
    }
}

/// The script with this number.
pub(super) fn random(seed: u64, steps: usize) -> Vec<Step> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    vec(step(), steps).new_tree(&mut runner).unwrap().current()
}

fn step() -> impl Strategy<Value = Step> {
    let forget = (0..3_usize, 0..200_u64, vec(0..30_u64, 0..4));
    prop_oneof![
        5 => import().prop_map(Step::Import),
        1 => forget.prop_map(|(catalog, before, keep)| Step::Forget { catalog, before, keep }),
    ]
}

fn import() -> impl Strategy<Value = ImportStep> {
    let content = prop_oneof![4 => select(&CONTENTS[..]).prop_map(Some), 1 => Just(None)];
    let rows = vec((select(&IDS[..]), content), 0..14);
    let mode = select(vec![ImportMode::Replace, ImportMode::Upsert]);
    let named = (select(vec!["one.csv", "other.csv"]), select(vec!["a1", "b2"]));
    (0..3_usize, mode, named, rows, 1..8_usize, prop::bool::weighted(0.15)).prop_map(
        |(catalog, mode, (source, sha256), rows, batch, is_given_up)| ImportStep {
            catalog,
            mode,
            source,
            sha256,
            is_given_up,
            rows,
            batch,
        },
    )
}
