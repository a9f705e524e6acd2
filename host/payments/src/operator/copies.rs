//! Backups.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::moment;
use super::{Operator, Question, Refusal, evidence};
use tillhouse_checkout::unit::UnitOfWork;

/// `backup`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// An absolute path: a file that is not there yet, or a folder for a file named after the time.
    pub to: PathBuf,
    /// Who.
    pub actor: String,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupMade {
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// When it was begun: whatever was committed before is in it.
    pub at: String,
}

impl Question for Backup {
    const NAME: &'static str = "backup";
    type Answer = BackupMade;

    async fn answer(self, operator: &Operator) -> Result<BackupMade, Refusal> {
        let actor = evidence::actor(&self.actor)?;
        if !self.to.is_absolute() {
            return Err(Refusal::invalid("to: must be an absolute path"));
        }
        let at = operator.now();
        let file = if self.to.is_dir() {
            self.to.join(format!("tillhouse-{}.db", moment::stamp(at)))
        } else {
            self.to
        };
        let copied = operator.upkeep.backup(&file).await;
        let copied = copied.map_err(|error| Refusal::conflict(error.to_string()))?;
        let detail = json!({"sha256": copied.sha256, "bytes": copied.bytes});
        let entry = operator.entry(&actor, "store.backup", file.display().to_string(), &detail);
        let unit = UnitOfWork {
            audit: Some(entry),
            ..UnitOfWork::default()
        };
        operator.store().commit(unit).await?;
        Ok(BackupMade {
            file,
            bytes: copied.bytes,
            sha256: copied.sha256,
            at: moment::text(at),
        })
    }
}
