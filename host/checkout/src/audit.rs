//! The audit log: who did what to money, configuration and records, each entry chained to the one before.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::named_value::named_value;
use super::time::Timestamp;

named_value! {
    /// What an operator or a host did.
    pub enum AuditAction {
        /// An operator settled an attempt manually.
        SettleAttempt = "attempt.settle",
        /// An operator asked for a refund of an order.
        AskRefund = "refund.ask",
        /// An operator settled a refund manually.
        SettleRefund = "refund.settle",
        /// An operator changed an order: what was shipped, delivered or canceled.
        ChangeOrder = "order.change",
        /// An operator queued messages of the outbox again.
        ReplayOutbox = "outbox.replay",
        /// The store was copied into a backup.
        BackUpStore = "store.backup",
        /// The store was restored from a backup and quarantined.
        RestoreStore = "store.restore",
        /// The old end of the log was deleted after its retention: `through` is the last record that is gone, `hash` its hash.
        PurgeAudit = "audit.purge",
        /// An operator erased what identifies a buyer.
        EraseBuyer = "buyer.erase",
        /// A host noticed that the store went back in time, and quarantined it.
        QuarantineStore = "store.quarantine",
        /// A host was started.
        StartHost = "host.start",
        /// An operator loaded a release of a plugin into a running host.
        LoadPlugin = "plugin.load",
        /// An operator put an earlier release of a plugin back into force.
        RevertPlugin = "plugin.back",
        /// A merchant's catalog was loaded again, by an operator or because its file changed.
        ReloadCatalog = "catalog.reload",
        /// An operator imported a file into a merchant's catalog.
        ImportCatalog = "catalog.import",
        /// An operator asked for an upload of a product feed.
        UploadFeed = "feed.upload",
        /// An operator gave an upload of a product feed up.
        AbandonFeed = "feed.abandon",
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When it was done.
    pub at: Timestamp,
    /// The operator or host that did it: `operator:NAME`, `host:ID`.
    pub actor: String,
    /// What was done, under its fixed name.
    pub action: AuditAction,
    /// Id or path of what it was done to.
    pub subject: String,
    /// Everything else, as a JSON object. Never card data, never a secret.
    pub detail: String,
}

/// An entry in its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Number of the record, from 1 on, without gaps.
    pub seq: u64,
    /// What was done, as it was hashed.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// Hash of the record before it; 64 zeros for the first.
    pub previous: String,
    /// SHA-256 over number, previous hash and entry, in hex.
    pub hash: String,
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A number is missing or comes twice.
    #[error("record {found} stands where record {wanted} belongs: a record was removed, added or moved")]
    Gap {
        /// The number that belongs there.
        wanted: u64,
        /// The number that is there.
        found: u64,
    },
    /// The record does not follow the one before it.
    #[error("record {0} does not follow the record before it: one of the two was changed")]
    Unlinked(u64),
    /// The record is not what was hashed.
    #[error("record {0} was changed after it was written")]
    Changed(u64),
}

/// The hash that the first record follows.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditRecord {
    /// The record that follows `last`, or the first one.
    #[must_use]
    pub fn after(last: Option<(u64, &str)>, entry: AuditEntry) -> Self {
        let (seq, previous) = last.map_or((1, BEGINNING), |(seq, hash)| (seq + 1, hash));
        let hash = hash(seq, previous, &entry);
        Self {
            seq,
            previous: previous.to_owned(),
            hash,
            entry,
        }
    }

    /// Whether it is what was written, after `last`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self, last: Option<(u64, &str)>) -> Result<(), ChainError> {
        let (wanted, previous) = last.map_or((1, BEGINNING), |(seq, hash)| (seq + 1, hash));
        if self.seq != wanted {
            return Err(ChainError::Gap {
                wanted,
                found: self.seq,
            });
        }
        if self.previous != previous {
            return Err(ChainError::Unlinked(self.seq));
        }
        if self.hash != hash(self.seq, &self.previous, &self.entry) {
            return Err(ChainError::Changed(self.seq));
        }
        Ok(())
    }
}

/// Over every field with its length before it, so that no two entries are the same bytes.
fn hash(seq: u64, previous: &str, entry: &AuditEntry) -> String {
    let mut digest = Sha256::new();
    digest.update(seq.to_be_bytes());
    digest.update(entry.at.millis().to_be_bytes());
    for field in [
        previous,
        &entry.actor,
        entry.action.as_str(),
        &entry.subject,
        &entry.detail,
    ] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field.as_bytes());
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(subject: &str) -> AuditEntry {
        AuditEntry {
            at: Timestamp(1),
            actor: "operator:ada".into(),
            action: AuditAction::SettleAttempt,
            subject: subject.into(),
            detail: "{}".into(),
        }
    }

    fn chain() -> Vec<AuditRecord> {
        let first = AuditRecord::after(None, entry("pa_1"));
        let second = AuditRecord::after(Some((1, &first.hash)), entry("pa_2"));
        let third = AuditRecord::after(Some((2, &second.hash)), entry("pa_3"));
        vec![first, second, third]
    }

    fn verify(chain: &[AuditRecord]) -> Result<(), ChainError> {
        let mut last = None;
        for record in chain {
            record.verify(last)?;
            last = Some((record.seq, record.hash.as_str()));
        }
        Ok(())
    }

    #[test]
    fn an_unchanged_chain_verifies() {
        assert_eq!(verify(&chain()), Ok(()));
    }

    #[test]
    fn every_field_is_under_the_hash() {
        for change in [
            |it: &mut AuditEntry| it.at = Timestamp(2),
            |it: &mut AuditEntry| it.actor.push('x'),
            |it: &mut AuditEntry| it.action = AuditAction::ReplayOutbox,
            |it: &mut AuditEntry| it.subject.push('x'),
            |it: &mut AuditEntry| it.detail.push('x'),
        ] {
            let mut chain = chain();
            change(&mut chain[1].entry);
            assert_eq!(verify(&chain), Err(ChainError::Changed(2)));
        }
    }

    #[test]
    fn text_cannot_move_from_one_field_to_the_next() {
        let mut moved = entry("pa_1");
        moved.action = AuditAction::from("attempt.settlepa");
        moved.subject = "_1".into();
        assert_ne!(hash(1, BEGINNING, &moved), hash(1, BEGINNING, &entry("pa_1")));
    }

    #[test]
    fn a_record_that_is_gone_added_or_replaced_is_noticed() {
        let mut gone = chain();
        gone.remove(1);
        assert_eq!(verify(&gone), Err(ChainError::Gap { wanted: 2, found: 3 }));
        let mut replaced = chain();
        replaced[1] = AuditRecord::after(Some((1, &replaced[0].hash.clone())), entry("pa_9"));
        assert_eq!(verify(&replaced), Err(ChainError::Unlinked(3)));
    }
}
