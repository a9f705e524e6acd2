//! What changed from one release of a plugin to the next.

use std::collections::BTreeSet;

use super::{Anatomy, Authority, wished};
use crate::component::manifest::Manifest;

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
    /// What the manifests ask for; `None` where one that may send requests has no manifest, so that nobody can know.
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
        let (before, after) = (wishes(old), wishes(new));
        let authority = match (&before, &after) {
            (Some(before), Some(after)) => Some(Change::of(before, after)),
            _ => None,
        };
        let reaches = REACHING.iter().any(|import| new.0.uses(import) && !old.0.uses(import));
        let asks = match (&authority, after) {
            (Some(change), _) => !change.added.is_empty(),
            // Without the old manifest everything that the new one asks for is new.
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

/// What a release asks for. One that cannot send requests has nothing to ask for.
fn wishes((anatomy, manifest): (&Anatomy, Option<&Manifest>)) -> Option<Authority> {
    let reaches = REACHING.iter().any(|import| anatomy.uses(import));
    manifest.map(wished).or_else(|| (!reaches).then(Authority::new))
}
