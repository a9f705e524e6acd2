//! The audit log: reading it, and verifying that it was not changed.

use serde::{Deserialize, Serialize};

use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::audit::{AuditRecord, BEGINNING};

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
/// the last record are returned, to be kept elsewhere and passed the next time.
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
    /// Records that are as they were written, from the first on.
    pub verified: u64,
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
}

impl Chain {
    fn new(expect: Option<(u64, String)>) -> Self {
        Self {
            seq: 0,
            hash: BEGINNING.to_owned(),
            expect,
            found: false,
        }
    }

    fn follow(&mut self, record: AuditRecord) -> Result<(), String> {
        let last = (self.seq > 0).then_some((self.seq, self.hash.as_str()));
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
        match &self.expect {
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
            verified: self.seq,
            last: self.seq,
            hash: self.hash,
            problem,
        }
    }
}
