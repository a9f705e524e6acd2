//! The audit log: reading it, and proving that nobody changed it.

use serde::{Deserialize, Serialize};

use super::{Operator, Question, Refusal};
use tillhouse_checkout::audit::{AuditRecord, BEGINNING};

/// Records that are read at a time.
const PAGE: usize = 1000;

/// `audit list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListAudit {
    /// After the record with this number.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
}

/// Records, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// The records.
    pub records: Vec<AuditRecord>,
}

impl Question for ListAudit {
    const NAME: &'static str = "audit/list";
    type Answer = AuditList;

    async fn answer(self, operator: &Operator) -> Result<AuditList, Refusal> {
        let records = operator.store().audit_log(self.after, self.limit).await?;
        Ok(AuditList { records })
    }
}

/// `audit verify`.
///
/// A chain proves that nothing in it was changed, and cannot prove that nothing was cut off its end: so the
/// number and hash of the last record are told, to be kept elsewhere and given the next time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VerifyAudit {
    /// A record that was the last one once: its number and hash.
    pub expect: Option<(u64, String)>,
}

/// What became of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Nobody changed anything.
    pub intact: bool,
    /// Records that are as they were written, from the first on.
    pub verified: u64,
    /// The number of the last of them.
    pub last: u64,
    /// Its hash.
    pub hash: String,
    /// Where the chain breaks, and how.
    pub problem: Option<String>,
}

impl Question for VerifyAudit {
    const NAME: &'static str = "audit/verify";
    type Answer = Verified;

    async fn answer(self, operator: &Operator) -> Result<Verified, Refusal> {
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
                    "record {seq} is not the one that was expected: the log was written anew"
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
