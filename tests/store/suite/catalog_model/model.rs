//! What the versions of a catalog should be: each kept as a whole.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse_checkout::catalog::{
    CatalogChange, CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar,
    StoredCatalog, Unchanged,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::time::Timestamp;

/// A row as long as it is the same, in however many versions. Its line is that of the file that had it last.
#[derive(Clone, Debug)]
struct Run {
    content: Vec<u8>,
    line: u64,
    /// Whether a version came into force without it, and its rows are still kept for those before.
    is_former: bool,
}

/// Items of a version, by their number in the list of rows.
type Items = BTreeMap<String, usize>;

#[derive(Debug, Default)]
pub(super) struct Model {
    runs: Vec<Run>,
    /// The items of each version whose rows are kept.
    kept: BTreeMap<u64, Items>,
    /// All versions, the oldest first.
    versions: Vec<StoredCatalog>,
}

/// An import under way.
#[derive(Debug)]
pub(super) struct ModelImport {
    mode: ImportMode,
    /// What was in force before, as content and line.
    before: BTreeMap<String, (Vec<u8>, u64)>,
    /// The first row of each item.
    first: BTreeMap<String, (Vec<u8>, u64)>,
    gone: BTreeSet<String>,
}

/// The items that an import leaves, and which of them have a row in the file.
pub(super) struct Finished {
    items: BTreeMap<String, (Vec<u8>, u64)>,
}

impl ModelImport {
    /// The duplicates, in the order of their lines.
    pub(super) fn write(&mut self, writes: Vec<CatalogWrite>) -> Vec<DuplicateRow> {
        let mut duplicates = Vec::new();
        for write in writes {
            match write {
                CatalogWrite::Delete { id, .. } => {
                    self.gone.insert(id.to_string());
                }
                CatalogWrite::Item(CatalogRow { id, line, content }) => match self.first.get(id.as_str()) {
                    Some((_, first_line)) => duplicates.push(DuplicateRow {
                        id,
                        first_line: *first_line,
                        line,
                    }),
                    None => {
                        self.first.insert(id.to_string(), (content, line));
                    }
                },
            }
        }
        duplicates
    }

    /// The items as they are so far; those that a file which replaces the catalog does not have are still there.
    fn items(&self) -> BTreeMap<String, (Vec<u8>, u64)> {
        let mut items = self.before.clone();
        items.extend(self.first.clone());
        items.retain(|id, _| !self.gone.contains(id));
        items
    }

    pub(super) fn current(&self, id: &str) -> Option<CatalogRow> {
        let (content, line) = self.items().remove(id)?;
        Some(CatalogRow {
            id: ItemId::new(id),
            line,
            content,
        })
    }

    pub(super) fn so_far(&self) -> ImportSoFar {
        let finished = self.finish().items;
        let contents = |items: &BTreeMap<String, (Vec<u8>, u64)>| -> Vec<(String, Vec<u8>)> {
            items
                .iter()
                .map(|(id, (content, _))| (id.clone(), content.clone()))
                .collect()
        };
        ImportSoFar {
            items: self.first.keys().filter(|id| !self.gone.contains(*id)).count() as u64,
            differs: contents(&finished) != contents(&self.before),
        }
    }

    pub(super) fn finish(&self) -> Finished {
        let mut items = self.items();
        if self.mode == ImportMode::Replace {
            items.retain(|id, _| self.first.contains_key(id));
        }
        Finished { items }
    }
}

impl Model {
    pub(super) fn begin(&self, mode: ImportMode) -> ModelImport {
        let before = self.in_force().into_iter().map(|(id, run)| {
            let Run { content, line, .. } = &self.runs[run];
            (id, (content.clone(), *line))
        });
        ModelImport {
            mode,
            before: before.collect(),
            first: BTreeMap::new(),
            gone: BTreeSet::new(),
        }
    }

    fn in_force(&self) -> Items {
        self.kept
            .last_key_value()
            .map(|(_, items)| items.clone())
            .unwrap_or_default()
    }

    pub(super) fn put_into_force(
        &mut self,
        Finished { items }: Finished,
        merchant: &MerchantId,
        import: ImportRecord,
        now: Timestamp,
    ) -> StoredCatalog {
        let before = self.in_force();
        let (mut next, mut changed) = (Items::new(), 0);
        for (id, (content, line)) in items {
            let run = match before.get(&id).filter(|run| self.runs[**run].content == content) {
                Some(run) => *run,
                None => {
                    changed += 1;
                    self.runs.push(Run {
                        content,
                        line,
                        is_former: false,
                    });
                    self.runs.len() - 1
                }
            };
            self.runs[run].line = line;
            next.insert(id, run);
        }
        let deleted = before.keys().filter(|id| !next.contains_key(*id)).count() as u64;
        let last = self.versions.last_mut();
        match last
            .filter(|_| changed + deleted == 0)
            .map(|last| (last.unchanged_by(&import), last))
        {
            Some((Unchanged::Same, last)) => return last.clone(),
            Some((Unchanged::Amended, last)) => {
                last.import = import;
                return last.clone();
            }
            Some((Unchanged::Version, _)) | None => {}
        }
        for run in before.values().filter(|run| !next.values().any(|kept| kept == *run)) {
            self.runs[*run].is_former = true;
        }
        if let Some(last) = self.versions.last_mut() {
            last.until = Some(now);
        }
        let stored = StoredCatalog {
            merchant: merchant.clone(),
            version: CatalogVersion(self.versions.len() as u64 + 1),
            items: next.len() as u64,
            changed,
            deleted,
            import,
            since: now,
            until: None,
        };
        self.kept.insert(stored.version.0, next);
        self.versions.push(stored.clone());
        stored
    }

    /// Returns the number of rows that no kept version has any more.
    pub(super) fn forget(&mut self, ended_before: Timestamp, keep: &[CatalogVersion]) -> u64 {
        let is_over = |stored: &StoredCatalog| stored.until.is_some_and(|until| until < ended_before);
        for stored in self
            .versions
            .iter()
            .filter(|stored| is_over(stored) && !keep.contains(&stored.version))
        {
            self.kept.remove(&stored.version.0);
        }
        let needed: BTreeSet<usize> = self.kept.values().flat_map(|items| items.values().copied()).collect();
        let mut forgotten = 0;
        for (number, run) in self.runs.iter_mut().enumerate() {
            if run.is_former && !needed.contains(&number) {
                run.is_former = false;
                forgotten += 1;
            }
        }
        forgotten
    }

    /// All versions, the newest first.
    pub(super) fn versions(&self) -> Vec<StoredCatalog> {
        self.versions.iter().rev().cloned().collect()
    }

    pub(super) fn kept(&self) -> Vec<u64> {
        self.kept.keys().copied().collect()
    }

    pub(super) fn rows(&self, version: u64) -> Vec<CatalogRow> {
        let rows = self.kept[&version].iter().map(|(id, run)| CatalogRow {
            id: ItemId::new(id),
            line: self.runs[*run].line,
            content: self.runs[*run].content.clone(),
        });
        rows.collect()
    }

    pub(super) fn changes(&self, before: u64, now: u64) -> Vec<CatalogChange> {
        let of = |version: u64| -> BTreeMap<String, CatalogRow> {
            let rows = self.rows(version).into_iter();
            rows.map(|row| (row.id.to_string(), row)).collect()
        };
        let (before, now) = (of(before), of(now));
        let ids: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let changes = ids.into_iter().map(|id| CatalogChange {
            id: ItemId::new(id),
            before: before.get(id).cloned(),
            now: now.get(id).cloned(),
        });
        changes.filter(CatalogChange::is_one).collect()
    }
}
