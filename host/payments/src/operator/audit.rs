//! The audit log: reading it, and verifying that it was not changed.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::audit::{AuditAction, AuditRecord, BEGINNING};

/// Records read at a time.
const PAGE: usize = 1000;

/// `audit list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListAudit {
    /// Only records after the one with this number.
    pub after: u64,
    /// Maximum number of records.
    pub limit: usize,
}

/// Records of the audit log, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// At most as many as the limit.
    pub records: Vec<AuditRecord>,
}

impl OperatorRequest for ListAudit {
    const NAME: &'static str = "audit/list";
    type Answer = AuditList;

    async fn answer(self, operator: &Operator) -> Result<AuditList, OperatorError> {
        let records = operator.store().audit_log(self.after, self.limit).await?;
        Ok(AuditList { records })
    }
}

/// `audit verify`.
///
/// The hash chain proves that no record was changed, and cannot prove that none was cut off at the end: so the number and hash of
/// the last record are returned, to be kept elsewhere and passed the next time. The oldest records are deleted after their retention; a
/// later record of the chain says how far, with the hash that the rest of the chain begins with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VerifyAudit {
    /// Number and hash of a record that was the last one earlier.
    pub expect: Option<(u64, String)>,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The whole log is as it was written.
    pub intact: bool,
    /// Records that are as they were written, from the first on that is kept.
    pub verified: u64,
    /// Records before them that were deleted after their retention, as the log itself says.
    #[serde(default)]
    pub purged: u64,
    /// Number of the last of them.
    pub last: u64,
    /// Hash of that record, in hex.
    pub hash: String,
    /// Where the chain does not hold, and how; `None` for an intact log.
    pub problem: Option<String>,
}

impl OperatorRequest for VerifyAudit {
    const NAME: &'static str = "audit/verify";
    type Answer = Verified;

    async fn answer(self, operator: &Operator) -> Result<Verified, OperatorError> {
        let mut chain = Chain::new(self.expect);
        loop {
            let page = operator.store().audit_log(chain.seq, PAGE).await?;
            let last = page.len() < PAGE;
            for record in page {
                if let Err(problem) = chain.follow(record) {
                    return Ok(chain.broken(problem));
                }
            }
            if last {
                return Ok(chain.end());
            }
        }
    }
}

struct Chain {
    seq: u64,
    hash: String,
    expect: Option<(u64, String)>,
    found: bool,
    /// The last record that was deleted, as the first that is kept names it; 0 if nothing was.
    cut: AuditCut,
    /// Whether a record of the chain says that it was.
    cut_is_recorded: bool,
}

/// How far the old end of the log was deleted: the detail of an [`AuditAction::PurgeAudit`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct AuditCut {
    through: u64,
    hash: String,
}

impl Chain {
    fn new(expect: Option<(u64, String)>) -> Self {
        Self {
            seq: 0,
            hash: BEGINNING.to_owned(),
            expect,
            found: false,
            cut: AuditCut {
                through: 0,
                hash: BEGINNING.to_owned(),
            },
            cut_is_recorded: true,
        }
    }

    fn follow(&mut self, record: AuditRecord) -> Result<(), String> {
        if self.seq == 0 && record.seq > 1 {
            self.cut = AuditCut {
                through: record.seq - 1,
                hash: record.previous.clone(),
            };
            (self.seq, self.hash) = (self.cut.through, self.cut.hash.clone());
            self.cut_is_recorded = false;
        }
        let last = (self.seq > 0).then_some((self.seq, self.hash.as_str()));
        if record.entry.action == AuditAction::PurgeAudit
            && serde_json::from_str::<AuditCut>(&record.entry.detail).is_ok_and(|cut| cut == self.cut)
        {
            self.cut_is_recorded = true;
        }
        record.verify(last).map_err(|error| error.to_string())?;
        if let Some((seq, hash)) = &self.expect
            && *seq == record.seq
        {
            if *hash != record.hash {
                return Err(format!(
                    "record {seq} is not the one that was expected: the log was rewritten"
                ));
            }
            self.found = true;
        }
        (self.seq, self.hash) = (record.seq, record.hash);
        Ok(())
    }

    fn end(self) -> Verified {
        if !self.cut_is_recorded {
            let problem = format!(
                "the log begins with record {}, and no record says that those before it were purged: they were removed",
                self.cut.through + 1
            );
            return self.broken(problem);
        }
        match &self.expect {
            Some((seq, hash)) if *seq == self.cut.through && *hash == self.cut.hash => self.verified(None),
            Some((seq, _)) if *seq <= self.cut.through => {
                let problem = format!(
                    "record {seq} is expected and was purged with all up to {}: expect a later one",
                    self.cut.through
                );
                self.broken(problem)
            }
            Some((seq, _)) if !self.found => {
                let problem = format!(
                    "record {seq} is expected and the log ends with {}: records were cut off",
                    self.seq
                );
                self.broken(problem)
            }
            _ => self.verified(None),
        }
    }

    fn broken(self, problem: String) -> Verified {
        self.verified(Some(problem))
    }

    fn verified(self, problem: Option<String>) -> Verified {
        Verified {
            intact: problem.is_none(),
            verified: self.seq - self.cut.through,
            purged: self.cut.through,
            last: self.seq,
            hash: self.hash,
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use tillhouse_checkout::audit::AuditEntry;
    use tillhouse_checkout::time::Timestamp;

    fn entry(action: AuditAction, detail: &str) -> AuditEntry {
        AuditEntry {
            at: Timestamp(1_700_000_000_000),
            actor: "operator:ada".into(),
            action,
            subject: "dead".into(),
            detail: detail.into(),
        }
    }

    /// Five records, of which the last says that the first two were purged.
    fn log() -> Vec<AuditRecord> {
        let mut log: Vec<AuditRecord> = Vec::new();
        for n in 0..5 {
            let last = log.last().map(|record| (record.seq, record.hash.as_str()));
            let next = if n == 4 {
                let detail = serde_json::json!({"through": 2, "hash": log[1].hash}).to_string();
                entry(AuditAction::PurgeAudit, &detail)
            } else {
                entry(AuditAction::ReplayOutbox, "{}")
            };
            log.push(AuditRecord::after(last, next));
        }
        log
    }

    fn verify(log: &[AuditRecord], expect: Option<(u64, String)>) -> Verified {
        let mut chain = Chain::new(expect);
        for record in log {
            if let Err(problem) = chain.follow(record.clone()) {
                return chain.broken(problem);
            }
        }
        chain.end()
    }

    #[test]
    fn a_log_that_was_cut_as_it_says_is_intact() {
        let log = log();
        let kept = verify(&log[2..], None);
        assert_eq!((kept.intact, kept.verified, kept.purged, kept.last), (true, 3, 2, 5));
        assert_eq!(kept.hash, log[4].hash);
        for (seq, hash) in [(2, &log[1].hash), (3, &log[2].hash)] {
            assert!(verify(&log[2..], Some((seq, hash.clone()))).intact, "{seq}");
        }
        let whole = verify(&log, None);
        assert_eq!((whole.intact, whole.verified, whole.purged), (true, 5, 0));
    }

    #[test]
    fn a_log_that_was_cut_further_than_it_says_or_without_a_word_is_not() {
        let log = log();
        for cut in [&log[1..], &log[3..], &log[2..4]] {
            let problem = verify(cut, None).problem.unwrap();
            assert!(problem.contains("were removed"), "{problem}");
        }
        let mut gap = log.clone();
        gap.remove(3);
        assert!(verify(&gap[2..], None).problem.unwrap().contains("was removed"));
        let early = verify(&log[2..], Some((1, log[0].hash.clone()))).problem.unwrap();
        assert!(early.contains("purged with all up to 2"), "{early}");
    }
}
