//! Comparison of two releases of a plugin.

use std::collections::BTreeSet;

use super::{Authority, ComponentInfo, requested_authority};
use crate::component::manifest::Manifest;

/// Imports with effects outside the host. The others give access to plugin data, configuration, the catalog and the log.
const REACHING: [&str; 2] = ["egress", "credentials"];

/// Difference between two sets of names, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Names in the new release only.
    pub added: Vec<String>,
    /// Names in the old release only.
    pub removed: Vec<String>,
}

/// Differences between two releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseDiff {
    /// Exported interfaces with their versions.
    pub exports: Change,
    /// Imported interfaces with their versions.
    pub imports: Change,
    /// Difference of what the manifests ask for. `None` when it is unknown: a release may send requests but has no manifest.
    pub authority: Option<Change>,
    /// Whether the new release may be able to do more than the old one, so that an operator must approve it.
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

    /// Whether both lists are empty.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl ReleaseDiff {
    /// Compare two releases, each with its manifest if there is one.
    #[must_use]
    pub fn between(old: (&ComponentInfo, Option<&Manifest>), new: (&ComponentInfo, Option<&Manifest>)) -> Self {
        let (before, after) = (authority_of(old), authority_of(new));
        let authority = match (&before, &after) {
            (Some(before), Some(after)) => Some(Change::of(before, after)),
            _ => None,
        };
        let reaches = REACHING.iter().any(|import| new.0.uses(import) && !old.0.uses(import));
        let asks = match (&authority, after) {
            (Some(change), _) => !change.added.is_empty(),
            // Without the old manifest, everything that the new manifest asks for counts as new.
            (None, Some(after)) => after != Authority::new(),
            (None, None) => true,
        };
        Self {
            exports: Change::of(&old.0.exports, &new.0.exports),
            imports: Change::of(&old.0.imports, &new.0.imports),
            authority,
            needs_approval: reaches || asks,
        }
    }
}

/// Everything that a release asks for. Nothing if it cannot send requests; `None` if it can and has no manifest.
fn authority_of((component, manifest): (&ComponentInfo, Option<&Manifest>)) -> Option<Authority> {
    let reaches = REACHING.iter().any(|import| component.uses(import));
    manifest
        .map(requested_authority)
        .or_else(|| (!reaches).then(Authority::new))
}
