//! The old end of the audit log, for both engines.

use serde_json::json;

use crate::column::millis;
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::time::Timestamp;

/// Records deleted per unit of work.
pub(crate) const AUDIT_BATCH: i64 = 1000;

/// Number and hash of the last of the oldest records (each with its time, number and hash) that may go.
pub(crate) fn end(oldest: Vec<(i64, i64, String)>, before: Timestamp) -> Option<(i64, String)> {
    let gone = oldest.into_iter().take_while(|(at, ..)| *at < millis(before));
    gone.last().map(|(_, seq, hash)| (seq, hash))
}

/// The record that says how far the log is cut: number and hash of the last record that goes. The rest of the chain begins with them.
pub(crate) fn entry(entry: &AuditEntry, through: i64, hash: &str) -> AuditEntry {
    AuditEntry {
        detail: json!({"through": through, "hash": hash}).to_string(),
        ..entry.clone()
    }
}
