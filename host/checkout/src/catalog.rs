//! A merchant's catalog as the store keeps it: rows in versions.
//!
//! An import makes the next version in one commit. Rows of versions before stay readable for a grace time, for the sessions that were
//! quoted with them. What a row means is known to the catalog crate only; here its content is bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::feed::FeedType;
use super::ids::{ItemId, MerchantId};
use super::named_value::named_value;
use super::time::Timestamp;

/// Number of a merchant's catalog: 1 for its first import, and one more for each further one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CatalogVersion(pub u64);

impl fmt::Display for CatalogVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

named_value! {
    /// What an import does to rows that its file does not have.
    pub enum ImportMode {
        /// They are gone: the file is the whole catalog.
        Replace = "replace",
        /// They stay as they are.
        Upsert = "upsert",
    }
}

/// What the rows of a catalog are. A merchant has one catalog of each kind, with versions of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogKind {
    /// Items that can be bought.
    #[default]
    Product,
    /// Promotions that agents are told of. Their ids are beside those of items: the same one may be both.
    Promotion,
}

impl CatalogKind {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::Product, Self::Promotion];

    /// The feed whose rows are all of the catalog's.
    #[must_use]
    pub const fn feed(self) -> FeedType {
        match self {
            Self::Product => FeedType::Product,
            Self::Promotion => FeedType::Promotion,
        }
    }

    /// The name under which a store keeps what it knows of a merchant's rows of this kind. Names of merchants have letters, digits, dashes
    /// and underscores only, so that that of promotions is the name of none.
    #[must_use]
    pub fn kept_under(self, merchant: &MerchantId) -> MerchantId {
        match self {
            Self::Product => merchant.clone(),
            Self::Promotion => MerchantId::new(format!("{merchant}/promotions")),
        }
    }
}

/// One item of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogRow {
    /// Id of the item, or of the promotion.
    pub id: ItemId,
    /// Line of the file that it was read from, where its record begins; the first line is 1.
    pub line: u64,
    /// Its cells, encoded by the catalog crate.
    pub content: Vec<u8>,
}

/// What an import does to one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogWrite {
    /// The item is as in this row.
    Item(CatalogRow),
    /// The item is gone, wherever in the file its other row is.
    Delete {
        /// Id of the item.
        id: ItemId,
        /// Line of the row that deletes it.
        line: u64,
    },
}

impl CatalogWrite {
    /// Id of the item.
    #[must_use]
    pub const fn id(&self) -> &ItemId {
        match self {
            Self::Item(row) => &row.id,
            Self::Delete { id, .. } => id,
        }
    }
}

/// Two rows of one import for the same item. The first of them is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateRow {
    /// Id of the item.
    pub id: ItemId,
    /// Line of the row that was kept.
    pub first_line: u64,
    /// Line of the row that was not.
    pub line: u64,
}

/// What an import has done so far, before it is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSoFar {
    /// Items that it has written, without those that it has deleted as well.
    pub items: u64,
    /// Whether items would not be as in the version in force.
    pub differs: bool,
}

/// What is kept of an import beside its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// Where the rows came from, such as the path of a file.
    pub source: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// What it did to rows that the file does not have.
    pub mode: ImportMode,
    /// Who imported: `operator:ada`, `host:…`.
    pub by: String,
    /// Rows of the file that were refused.
    pub refused: u64,
}

/// A version of a merchant's catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCatalog {
    /// Merchant that it belongs to.
    pub merchant: MerchantId,
    /// Number of this version.
    pub version: CatalogVersion,
    /// Number of its items.
    pub items: u64,
    /// Items that are not as in the version before, or are new.
    pub changed: u64,
    /// Items of the version before that it does not have.
    pub deleted: u64,
    /// How it came to be.
    pub import: ImportRecord,
    /// When it was put into force.
    pub since: Timestamp,
    /// When the next version was; `None` while it is in force.
    pub until: Option<Timestamp>,
}

/// What an import is that changes no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// The version in force has all that is known of it already.
    Same,
    /// The version in force is of this file as well, which is what is known of it from now on.
    Amended,
    /// A version of its own.
    Version,
}

impl StoredCatalog {
    /// What an import is that leaves every item as this version has it. That a whole catalog was imported from a file is remembered
    /// also then: otherwise it would be imported again at the next start, over what an operator has imported since.
    #[must_use]
    pub fn unchanged_by(&self, import: &ImportRecord) -> Unchanged {
        let is_whole = |import: &ImportRecord| import.mode == ImportMode::Replace;
        let is_known =
            is_whole(&self.import) && self.import.sha256 == import.sha256 && self.import.refused <= import.refused;
        if !is_whole(import) || is_known {
            Unchanged::Same
        } else if is_whole(&self.import) && self.import.source == import.source {
            Unchanged::Amended
        } else {
            Unchanged::Version
        }
    }
}

/// An item that differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogChange {
    /// Id of the item.
    pub id: ItemId,
    /// The row before; `None` if the item is new.
    pub before: Option<CatalogRow>,
    /// The row now; `None` if the item is gone.
    pub now: Option<CatalogRow>,
}

impl CatalogChange {
    /// Whether the item differs: what was changed and changed back does not.
    #[must_use]
    pub fn is_one(&self) -> bool {
        let [before, now] = [&self.before, &self.now].map(|row| row.as_ref().map(|row| &row.content));
        before != now
    }
}
