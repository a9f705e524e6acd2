//! Stores that were written under contract 0.1.
//!
//! Their sessions and attempts are JSON that this host cannot read, so that a store with any of them is refused when it is opened. One
//! without them is migrated.

/// Whether the store has anything that this host cannot read, for both engines.
pub(crate) const HAS_CHECKOUTS: &str = "SELECT EXISTS (SELECT 1 FROM session) OR EXISTS (SELECT 1 FROM attempt)";

/// What such a store is, and what to do; `place` is what `store.url` names.
pub(crate) fn refusal(found: i32, place: &str) -> String {
    format!(
        "the database has schema version {found} and holds checkouts of contract 0.1, which this host cannot read; nothing was \
         released under it, so there is no migration: finish open payments with the host version that wrote them, then start with a \
         new {place} in store.url"
    )
}
