//! Backups of the store.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::timestamp;
use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ports::CopiedCatalogs;
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// `backup`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// Absolute path of a file that does not exist, or of a folder for a file named after the time.
    pub to: PathBuf,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupMade {
    /// Path of the copy.
    pub file: PathBuf,
    /// Size of the copy in bytes.
    pub bytes: u64,
    /// SHA-256 of the copy, in hex.
    pub sha256: String,
    /// The copy of the merchants' catalogs beside it, if there are any.
    #[serde(default)]
    pub catalogs: Option<CopiedCatalogs>,
    /// When the copy was begun (RFC 3339): everything committed before is in it.
    pub at: String,
}

impl OperatorRequest for Backup {
    const NAME: &'static str = "backup";
    type Answer = BackupMade;

    async fn answer(self, operator: &Operator) -> Result<BackupMade, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        if !self.to.is_absolute() {
            return Err(OperatorError::invalid("to: must be an absolute path"));
        }
        let at = operator.now();
        let file = if self.to.is_dir() {
            self.to.join(format!("tillhouse-{}.db", timestamp::stamp(at)))
        } else {
            self.to
        };
        let copied = operator.maintenance.backup(&file).await;
        let copied = copied.map_err(|error| OperatorError::conflict(error.to_string()))?;
        let detail = json!({
            "sha256": copied.sha256,
            "bytes": copied.bytes,
            "catalogs": copied.catalogs,
        });
        let entry = operator.entry(&actor, AuditAction::BackUpStore, file.display().to_string(), &detail);
        let unit = UnitOfWork {
            audit: Some(entry),
            ..UnitOfWork::default()
        };
        operator.store().commit(unit).await?;
        Ok(BackupMade {
            file,
            bytes: copied.bytes,
            sha256: copied.sha256,
            catalogs: copied.catalogs,
            at: timestamp::text(at),
        })
    }
}
