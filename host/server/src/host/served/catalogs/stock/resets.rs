//! Resets of counters that belong to an import. They are noted before its version comes into force, and made afterwards, each part once: a
//! crash between the two leaves the rest to the next start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SOLD;
use tillhouse_checkout::catalog::{CatalogVersion, ImportRecord};
use tillhouse_checkout::ids::{ItemId, MerchantId, PluginId};
use tillhouse_checkout::plugin_data::{Namespace, StagedChanges, StagedRead, StagedWrite, VersionedValue};
use tillhouse_checkout::ports::{CatalogStore, CommitError, Store, StoreError};
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// Where the notes are kept: not a name that a plugin can have.
const NOTES: &str = "tillhouse/stock";
/// Counters that are reset in one commit.
const PART: usize = 500;
/// Versions among which that of the import is looked for.
const LOOKED_UP: usize = 500;

/// An import whose counters are to be reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::host::served::catalogs) struct ResettingImport {
    /// The version that is in force when it has ended.
    pub(in crate::host::served::catalogs) version: CatalogVersion,
    pub(in crate::host::served::catalogs) record: ImportRecord,
    /// Whether it makes this version. If not, the items are as the file has them already.
    pub(in crate::host::served::catalogs) makes_version: bool,
    /// The plugin that counts.
    pub(in crate::host::served::catalogs) plugin: PluginId,
}

/// A part of what is to be reset.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    import: ResettingImport,
    /// How many parts the import has.
    of: usize,
    /// What was sold, as the counters had it before the import.
    counters: BTreeMap<ItemId, i64>,
}

/// The resets of one merchant.
#[derive(Clone, Copy, Debug)]
pub(in crate::host::served::catalogs) struct Resets<'s> {
    pub(in crate::host::served::catalogs) store: &'s dyn Store,
    pub(in crate::host::served::catalogs) catalogs: &'s dyn CatalogStore,
    pub(in crate::host::served::catalogs) merchant: &'s MerchantId,
}

impl Resets<'_> {
    /// Note what the import resets, in one commit. It has not ended yet, and no other import of the merchant runs.
    pub(in crate::host::served::catalogs) async fn note(
        self,
        import: &ResettingImport,
        counters: &BTreeMap<ItemId, i64>,
    ) -> Result<(), CommitError> {
        let counters: Vec<(&ItemId, &i64)> = counters.iter().collect();
        let parts = counters.chunks(PART);
        let of = parts.len();
        let mut writes = Vec::with_capacity(of);
        for (number, part) in parts.enumerate() {
            let note = Note {
                import: import.clone(),
                of,
                counters: part.iter().map(|(item, units)| ((*item).clone(), **units)).collect(),
            };
            let value = serde_json::to_vec(&note).map_err(|error| CommitError::Store(unreadable(&error)))?;
            writes.push(self.put(number, Some(value)));
        }
        self.commit(Vec::new(), writes).await
    }

    /// Make the resets of an import that is in force. With `is_alone`, while no import of the merchant runs but one that has not ended, those
    /// of an import that never came into force are dropped.
    pub(in crate::host::served::catalogs) async fn settle(self, is_alone: bool) -> Result<(), CommitError> {
        let Some((first, _)) = self.noted(0).await? else {
            return Ok(());
        };
        let is_in_force = self.is_in_force(&first.import).await?;
        if !is_in_force && !is_alone {
            return Ok(());
        }
        // The first part is the last to go: it knows how many there are.
        for number in (0..first.of).rev() {
            // Once another host has done all of it, parts of a later import may be there.
            let noted = self.noted(number).await?;
            let Some((note, found)) = noted.filter(|(note, _)| note.import == first.import) else {
                continue;
            };
            let mut writes = vec![self.put(number, None)];
            if is_in_force {
                writes.extend(self.additions(&note));
            }
            let read = StagedRead {
                namespace: self.notes(),
                key: key(number),
                version: Some(found.version),
            };
            match self.commit(vec![read], writes).await {
                // Another host has just done it.
                Ok(()) | Err(CommitError::PluginData) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn is_in_force(self, import: &ResettingImport) -> Result<bool, StoreError> {
        if !import.makes_version {
            return Ok(true);
        }
        let versions = self.catalogs.catalog_versions(self.merchant, LOOKED_UP).await?;
        let is_it =
            |version: CatalogVersion, record: &ImportRecord| version == import.version && *record == import.record;
        Ok(versions.iter().any(|it| is_it(it.version, &it.import)))
    }

    async fn noted(self, number: usize) -> Result<Option<(Note, VersionedValue)>, StoreError> {
        let Some(found) = self.store.kv(&self.notes(), &key(number)).await? else {
            return Ok(None);
        };
        let note = serde_json::from_slice(&found.value).map_err(|error| unreadable(&error))?;
        Ok(Some((note, found)))
    }

    fn additions(self, note: &Note) -> impl Iterator<Item = StagedWrite> {
        let namespace = Namespace {
            merchant: self.merchant.clone(),
            plugin: note.import.plugin.clone(),
        };
        note.counters.iter().map(move |(item, units)| StagedWrite::Add {
            namespace: namespace.clone(),
            key: format!("{SOLD}{item}"),
            delta: units.saturating_neg(),
            floor: None,
        })
    }

    fn put(self, number: usize, value: Option<Vec<u8>>) -> StagedWrite {
        StagedWrite::Put {
            namespace: self.notes(),
            key: key(number),
            value,
        }
    }

    fn notes(self) -> Namespace {
        Namespace {
            merchant: self.merchant.clone(),
            plugin: PluginId::new(NOTES),
        }
    }

    async fn commit(self, reads: Vec<StagedRead>, writes: Vec<StagedWrite>) -> Result<(), CommitError> {
        let unit = UnitOfWork {
            staged: StagedChanges { reads, writes },
            ..UnitOfWork::default()
        };
        self.store.commit(unit).await
    }
}

fn key(number: usize) -> String {
    format!("as-counted/{number}")
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::new(format!(
        "what an import resets of counted stock cannot be read: {error}"
    ))
}

#[cfg(test)]
mod tests;
