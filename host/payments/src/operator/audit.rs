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
