//! The store, from the host that has it or from its files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::findings::Findings;
use tillhouse_checkout::ports::StoreHealth;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::health::AskHealth;
use tillhouse_payments::operator::moment;
use tillhouse_server::admin::{AskError, Client};
use tillhouse_server::config::{Config, StoreUrl};
use tillhouse_server::host::store_settings;
use tillhouse_server::system::SystemClock;
use tillhouse_store::{Engine, sqlite};

const CHECK: &str = "store";
/// Bytes of a log that no checkpoint folds: four times what the writer lets it grow to.
const LOG_MAX: u64 = 256 * 1024 * 1024;
/// How far the clock may have gone back.
const STEP_MS: u64 = 2_000;

/// Whether a host runs.
pub(super) async fn look(config: &Config, findings: &mut Findings) -> bool {
    let running = match &config.admin.socket {
        Some(socket) => ask(socket, config, findings).await,
        None => None,
    };
    let is_running = running.is_some();
    match (running, &config.store.url) {
        (running, StoreUrl::Sqlite { folder }) => files(folder, running, findings),
        (Some(health), StoreUrl::Postgres { .. }) => judge(&health, findings),
        (None, StoreUrl::Postgres { .. }) => database(config, findings).await,
    }
    is_running
}

fn files(folder: &Path, running: Option<StoreHealth>, findings: &mut Findings) {
    folder_is_private(folder, findings);
    match running.map_or_else(|| sqlite::inspect(folder), |health| Ok(Some(health))) {
        Ok(Some(health)) => judge(&health, findings),
        Ok(None) => findings.ok(
            CHECK,
            format!("{}: none yet; the first start makes it", folder.display()),
        ),
        Err(error) => findings.fail(
            CHECK,
            format!("{}: {error}", folder.display()),
            "restore the newest backup with tillhouse restore",
        ),
    }
}

async fn database(config: &Config, findings: &mut Findings) {
    let opened = Engine::open(&store_settings(&config.store), Arc::new(SystemClock)).await;
    match opened {
        Ok(engine) => match engine.upkeep().health().await {
            Ok(health) => judge(&health, findings),
            Err(error) => findings.fail(CHECK, error.to_string(), "look at the server's log"),
        },
        Err(error) => findings.fail(
            CHECK,
            error.to_string(),
            "see that the database can be reached and is the right one",
        ),
    }
}

async fn ask(socket: &Path, config: &Config, findings: &mut Findings) -> Option<StoreHealth> {
    match Client::new(socket).ask(&AskHealth {}).await {
        Ok(health) => {
            let about = health.about;
            findings.ok(
                "host",
                format!("{} runs since {}, version {}", about.host, about.started, about.version),
            );
            if about.configuration != config.digest {
                findings.warn(
                    "host",
                    "it runs with another configuration than this file's",
                    "start it anew to have it take this one",
                );
            }
            for it in &about.out_of_service {
                findings.fail(
                    "host",
                    format!("it does not serve {}: {}", it.merchant, it.problems.join("; ")),
                    "correct that, and start the host anew",
                );
            }
            private(socket, 0o077, "host", findings);
            Some(health.store)
        }
        Err(AskError::NoHost { .. }) => {
            findings.ok("host", "none runs");
            None
        }
        Err(error) => {
            findings.warn("host", error.to_string(), "use the command of the host's own version");
            None
        }
    }
}

fn folder_is_private(folder: &Path, findings: &mut Findings) {
    if folder.exists() {
        private(folder, 0o077, CHECK, findings);
    }
}

fn private(path: &Path, others: u32, check: &'static str, findings: &mut Findings) {
    let Ok(mode) = std::fs::metadata(path).map(|file| file.permissions().mode()) else {
        return;
    };
    if mode & others != 0 {
        let (path, mode) = (path.display(), mode & 0o777);
        findings.fail(
            check,
            format!("{path} is open to others (mode {mode:o})"),
            format!("chmod go= {path}"),
        );
    }
}

fn judge(health: &StoreHealth, findings: &mut Findings) {
    let place = &health.place;
    match health.damage.first() {
        None => findings.ok(CHECK, format!("{place}: intact, {} bytes", health.data_bytes)),
        Some(damage) => findings.fail(
            CHECK,
            format!("{place}: damaged: {damage}"),
            "stop the host, keep the folder, and restore the newest backup",
        ),
    }
    let (version, known) = (health.version, health.known_version);
    if version > known {
        findings.fail(
            CHECK,
            format!("its tables are of version {version} and this host knows {known}"),
            "use the newer host",
        );
    } else if version < known {
        findings.warn(
            CHECK,
            format!("its tables are of version {version}; the next start brings them to {known}"),
            "make a backup before",
        );
    }
    if health.journal != "wal" {
        let journal = &health.journal;
        findings.warn(
            CHECK,
            format!("its journal is {journal}"),
            "the next start switches the write-ahead log on; on a network file system it does not start",
        );
    }
    if health.log_bytes > LOG_MAX {
        findings.warn(
            CHECK,
            format!("its log has {} bytes", health.log_bytes),
            "look for a process that reads the database for long",
        );
    }
    disk(health, findings);
    let now = SystemClock.now();
    if let Some(last) = health.last_audit.map(Timestamp)
        && last.millis() > now.millis().saturating_add(STEP_MS)
    {
        let (last, now) = (moment::text(last), moment::text(now));
        findings.fail(
            "clock",
            format!("it is {now}, and the store was written at {last}"),
            "set the clock forward",
        );
    }
}

fn disk(health: &StoreHealth, findings: &mut Findings) {
    let percent = health
        .free_bytes
        .saturating_mul(100)
        .checked_div(health.disk_bytes)
        .unwrap_or(100);
    let finding = format!("{percent} % of the store's disk is free");
    match percent {
        0..5 => findings.fail("disk", finding, "make room: a full disk stops every checkout"),
        5..10 => findings.warn("disk", finding, "make room soon"),
        _ => findings.ok("disk", finding),
    }
}
