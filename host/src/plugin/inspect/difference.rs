//! What changed from one release of a plugin to the next.

use std::collections::BTreeSet;

use super::{Anatomy, Authority, wished};
use crate::plugin::manifest::Manifest;

/// Imports that reach outside of a call. What else the host offers is the plugin's own data, the merchant's catalog and a log.
const REACHING: [&str; 2] = ["egress", "credentials"];

/// What was added and what was taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In the new one only.
    pub added: Vec<String>,
    /// In the old one only.
    pub removed: Vec<String>,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Exports.
    pub exports: Change,
    /// Imports.
    pub imports: Change,
    /// What the manifests ask for; `None` where there is a manifest for one of them only.
    pub authority: Option<Change>,
    /// Whether the new one can do more than the old one: an operator has to look.
    pub needs_approval: bool,
}

impl Change {
    fn of<'a>(old: impl IntoIterator<Item = &'a String>, new: impl IntoIterator<Item = &'a String>) -> Self {
        let (old, new): (BTreeSet<&String>, BTreeSet<&String>) = (old.into_iter().collect(), new.into_iter().collect());
        Self {
            added: new.difference(&old).map(|name| (*name).clone()).collect(),
            removed: old.difference(&new).map(|name| (*name).clone()).collect(),
        }
    }

    /// Whether nothing changed.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl Difference {
    /// Compare two releases, each with its manifest where it is at hand.
    #[must_use]
    pub fn between(old: (&Anatomy, Option<&Manifest>), new: (&Anatomy, Option<&Manifest>)) -> Self {
        let wishes = |manifest: Option<&Manifest>| manifest.map(wished);
        let authority = match (wishes(old.1), wishes(new.1)) {
            (Some(old), Some(new)) => Some(Change::of(&old, &new)),
            (None, None) => Some(Change::default()),
            _ => None,
        };
        let reaches = REACHING.iter().any(|import| new.0.uses(import) && !old.0.uses(import));
        // Without the old manifest everything that the new one asks for is new.
        let asks = authority.as_ref().map_or_else(
            || new.1.is_some_and(|manifest| wished(manifest) != Authority::new()),
            |change| !change.added.is_empty(),
        );
        Self {
            exports: Change::of(&old.0.exports, &new.0.exports),
            imports: Change::of(&old.0.imports, &new.0.imports),
            authority,
            needs_approval: reaches || asks,
        }
    }
}
