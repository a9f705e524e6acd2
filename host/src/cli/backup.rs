//! `tillhouse backup` and `tillhouse restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::store_access::{Actor, Needs, StoreAccess, StoreAccessError};
use tillhouse_checkout::time::Clock;
use tillhouse_console::output;
use tillhouse_console::table::print_line;
use tillhouse_payments::operator::backup::{Backup as BackupRequest, BackupMade};
use tillhouse_payments::operator::quarantine::{QuarantineCause, Quarantined, quarantine};
use tillhouse_payments::operator::timestamp;
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_store::sqlite::{SqliteSettings, SqliteStore, Staging};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// File that does not exist yet, or folder for a file named after the time. On the machine of the host.
    to: PathBuf,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    store_access: StoreAccess,
}

impl Backup {
    pub(super) async fn run(self) -> ExitCode {
        let to = match std::path::absolute(&self.to) {
            Ok(to) => to,
            Err(error) => {
                return StoreAccessError::Usage(format!("{}: {error}", self.to.display()))
                    .report(self.store_access.json);
            }
        };
        let request = BackupRequest {
            to,
            actor: self.actor.actor,
        };
        let json = self.store_access.json;
        let show = |made: &BackupMade| {
            if !json {
                let (file, bytes, sha256, at) = (made.file.display(), made.bytes, &made.sha256, &made.at);
                print_line(&format!("{file}  {bytes} bytes  sha256 {sha256}  as of {at}"));
                if let Some(catalogs) = &made.catalogs {
                    let (file, bytes, sha256) = (catalogs.file.display(), catalogs.bytes, &catalogs.sha256);
                    print_line(&format!(
                        "{file}  {bytes} bytes  sha256 {sha256}  catalogs, to be kept beside it"
                    ));
                }
            }
            true
        };
        self.store_access.ask_and_print(request, Needs::Store, show).await
    }
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// Backup file, as written by `tillhouse backup`.
    file: PathBuf,
    /// Folder of the new store: must not exist yet, or be empty.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    #[command(flatten)]
    actor: Actor,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) async fn run(self) -> ExitCode {
        let (done, has_catalogs) = match restore(&self.file, &self.to, &self.actor.actor).await {
            Ok(done) => done,
            Err(problem) => return StoreAccessError::Refused(problem, Vec::new()).report(self.json),
        };
        if self.json {
            output::print_json(&json!({
                "ok": true,
                "store": self.to,
                "attempts_in_doubt": done.attempts,
                "refunds_in_doubt": done.refunds,
                "sessions_ended": done.sessions,
                "feed_uploads_given_up": done.uploads,
                "catalogs": has_catalogs,
            }));
        } else {
            print_line(&format!("restored into {}", self.to.display()));
            print_line(&format!(
                "{} attempts and {} refunds now have an unknown outcome and are looked up before anything is sent; \
                 {} open sessions were ended; {} uploads of feeds were given up",
                done.attempts.len(),
                done.refunds.len(),
                done.sessions,
                done.uploads
            ));
            if !has_catalogs {
                print_line("the backup has no file of catalogs beside it: import the catalogs again");
            }
            print_line(
                "charges made after the backup have no attempt in it: run tillhouse reconcile --since TIME_OF_THE_BACKUP",
            );
        }
        ExitCode::SUCCESS
    }
}

/// Restore into a staging folder, and publish the store once it is in quarantine: no host can serve it before. Also returns whether
/// the backup has catalogs.
async fn restore(file: &Path, to: &Path, actor: &str) -> Result<(Quarantined, bool), String> {
    let staging = Staging::prepare(file, to).map_err(|error| error.to_string())?;
    let clock = SystemClock;
    let store = SqliteStore::open(&SqliteSettings::new(staging.staged()), Arc::new(clock));
    let store = store.map_err(|error| error.to_string())?;
    let cause = QuarantineCause::Restored {
        actor: actor.to_owned(),
        source: format!("{} at {}", file.display(), timestamp::text(clock.now())),
    };
    let done = quarantine(&store, &store, clock.now(), &cause).await;
    store.close().await;
    let done = done.map_err(|error| error.to_string())?;
    let has_catalogs = staging.has_catalogs();
    staging.finish().map_err(|error| error.to_string())?;
    Ok((done, has_catalogs))
}
