//! Health of the store: as the running host reports it, or read from its files.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use super::checks::Checks;
use tillhouse_checkout::ports::{StoreError, StoreHealth};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::operator::catalogs::CatalogView;
use tillhouse_payments::operator::health::AskHealth;
use tillhouse_payments::operator::timestamp;
use tillhouse_server::admin::{AdminClient, AdminClientError};
use tillhouse_server::clock_and_ids::SystemClock;
use tillhouse_server::config::{Config, StoreUrl};
use tillhouse_server::host::store_settings;
use tillhouse_server::privacy;
use tillhouse_store::{StoreEngine, sqlite};

const CHECK: &str = "store";
/// Size of the write-ahead log, in bytes, that shows that checkpoints fail: four times what the writer lets it grow to.
const MAX_LOG_BYTES: u64 = 256 * 1024 * 1024;
/// With less free space than this, the store's disk counts as full.
const DISK_FULL_BYTES: u64 = 1 << 30;
/// With less free space than this, `doctor` warns.
const DISK_LOW_BYTES: u64 = 5 << 30;
/// Tolerated step of the clock backwards.
const MAX_CLOCK_STEP_MS: u64 = 2_000;

/// Check the store. Returns whether a host is running.
pub(super) async fn check(config: &Config, checks: &mut Checks) -> bool {
    check_privacy(config, checks);
    let running = match &config.admin.socket {
        Some(socket) => ask_host(socket, config, checks).await,
        None => None,
    };
    let is_running = running.is_some();
    match (running, &config.store.url) {
        (running, StoreUrl::Sqlite { folder }) => check_files(folder, running, checks),
        (Some(health), StoreUrl::Postgres { .. }) => report_health(&health, checks),
        (None, StoreUrl::Postgres { .. }) => check_database(config, checks).await,
    }
    is_running
}

/// What `serve` refuses to start with.
fn check_privacy(config: &Config, checks: &mut Checks) {
    for exposure in privacy::exposures(config) {
        checks.fail(CHECK, exposure.to_string(), exposure.remedy());
    }
}

fn check_files(folder: &Path, running: Option<StoreHealth>, checks: &mut Checks) {
    match running.map_or_else(|| sqlite::inspect(folder), |health| Ok(Some(health))) {
        Ok(Some(health)) => report_health(&health, checks),
        Ok(None) => checks.ok(
            CHECK,
            format!("{}: does not exist yet; the first start creates it", folder.display()),
        ),
        Err(error) => checks.fail(
            CHECK,
            format!("{}: {error}", folder.display()),
            help_for_unread_files(&error),
        ),
    }
}

/// A backup helps where the files cannot be read. What the store itself refuses is whole: a folder of something else, or a store of
/// another contract.
fn help_for_unread_files(error: &StoreError) -> &'static str {
    match error.source() {
        Some(_) => "restore the newest backup with tillhouse restore",
        None => "check that store.url names the folder that this host is to use",
    }
}

async fn check_database(config: &Config, checks: &mut Checks) {
    let settings = store_settings(&config.store);
    let opened = StoreEngine::open(&settings.clone().without_memory(), Arc::new(SystemClock)).await;
    match opened {
        Ok(engine) => match engine.health_by_memory(&settings).await {
            Ok(health) => report_health(&health, checks),
            Err(error) => checks.fail(CHECK, error.to_string(), "see the log of the database server"),
        },
        Err(error) => checks.fail(
            CHECK,
            error.to_string(),
            "check that the database is reachable and the right one",
        ),
    }
}

async fn ask_host(socket: &Path, config: &Config, checks: &mut Checks) -> Option<StoreHealth> {
    match AdminClient::new(socket).send(&AskHealth {}).await {
        Ok(health) => {
            let about = health.about;
            checks.ok(
                "host",
                format!(
                    "{} is running since {}, version {}",
                    about.host, about.started, about.version
                ),
            );
            if about.configuration != config.digest {
                checks.warn(
                    "host",
                    "the running host has a different configuration than this file",
                    "restart it to apply this one",
                );
            }
            for it in &about.out_of_service {
                checks.fail(
                    "host",
                    format!("merchant {} is out of service: {}", it.merchant, it.problems.join("; ")),
                    "fix that: a catalog is loaded again when its file changes, and anything else needs a restart or another release",
                );
            }
            health
                .catalogs
                .iter()
                .for_each(|catalog| report_catalog(catalog, checks));
            Some(health.store)
        }
        Err(AdminClientError::NoHost { .. }) => {
            checks.ok("host", "not running");
            None
        }
        Err(error) => {
            checks.warn(
                "host",
                error.to_string(),
                "use the tillhouse command of the same version as the host",
            );
            None
        }
    }
}

/// Report a catalog whose file is worse than what is in force.
fn report_catalog(catalog: &CatalogView, checks: &mut Checks) {
    if let (Some(in_force), Some(refused)) = (&catalog.in_force, &catalog.refused) {
        checks.warn(
            "host",
            format!(
                "merchant {}: its changed catalog is refused, and that of {} stays in force: {}",
                catalog.merchant,
                in_force.since,
                refused.problems.join("; ")
            ),
            "fix the file before the next restart; it is loaded again when it changes",
        );
    }
}

fn report_health(health: &StoreHealth, checks: &mut Checks) {
    let place = &health.place;
    match health.damage.first() {
        None => checks.ok(CHECK, format!("{place}: intact, {} bytes", health.data_bytes)),
        Some(damage) => checks.fail(
            CHECK,
            format!("{place}: damaged: {damage}"),
            "stop the host, keep the folder, and restore the newest backup",
        ),
    }
    let (version, known) = (health.version, health.known_version);
    if version > known {
        checks.fail(
            CHECK,
            format!("its schema has version {version}, but this host supports only {known}"),
            "use a newer version of the host",
        );
    } else if version < known {
        checks.warn(
            CHECK,
            format!("its schema has version {version}; the next start migrates it to {known}"),
            "make a backup first",
        );
    }
    if health.journal != "wal" {
        let journal = &health.journal;
        checks.warn(
            CHECK,
            format!("its journal mode is {journal}"),
            "the next start enables the write-ahead log (WAL); on a network file system the host does not start",
        );
    }
    if health.log_bytes > MAX_LOG_BYTES {
        checks.warn(
            CHECK,
            format!("its write-ahead log has {} bytes", health.log_bytes),
            "look for a process with a long read transaction",
        );
    }
    if let Some(rewound) = &health.rewound {
        checks.fail(
            CHECK,
            format!("{place}: {rewound}"),
            "start the host: it puts the store into quarantine before it serves; if a newer copy of the store exists, put that back first",
        );
    }
    for weakness in &health.weaknesses {
        checks.warn(CHECK, weakness.finding.clone(), weakness.remedy.clone());
    }
    report_free_space(health.free_bytes, checks);
    let now = SystemClock.now();
    if let Some(last) = health.last_audit.map(Timestamp)
        && last.millis() > now.millis().saturating_add(MAX_CLOCK_STEP_MS)
    {
        let (last, now) = (timestamp::text(last), timestamp::text(now));
        checks.fail(
            "clock",
            format!("the clock is at {now}, but the store was written at {last}"),
            "set the clock forward",
        );
    }
}

/// Judged in bytes, because what a store needs does not grow with its disk: 4 % of a large disk are room for years.
fn report_free_space(free_bytes: u64, checks: &mut Checks) {
    if free_bytes == u64::MAX {
        return;
    }
    let finding = format!("{} MiB of the store's disk are free", free_bytes / (1024 * 1024));
    match free_bytes {
        0..DISK_FULL_BYTES => checks.fail("disk", finding, "free at least 1 GiB: a full disk stops every checkout"),
        DISK_FULL_BYTES..DISK_LOW_BYTES => checks.warn("disk", finding, "free disk space soon, at least 5 GiB"),
        _ => checks.ok("disk", finding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_advised_for_files_that_cannot_be_read_and_not_for_a_store_that_is_refused() {
        let unreadable = StoreError::caused_by(std::io::Error::other("disk I/O error"));
        assert!(help_for_unread_files(&unreadable).contains("backup"));
        let refused = StoreError::new("the database holds checkouts of contract 0.1");
        assert!(!help_for_unread_files(&refused).contains("backup"));
    }

    #[test]
    fn free_space_is_judged_by_what_a_store_needs() {
        for (free, found) in [
            ((1 << 30) - 1, "fail"),
            (1 << 30, "warn"),
            (5 << 30, "ok"),
            (10 << 30, "ok"),
        ] {
            let mut checks = Checks::default();
            report_free_space(free, &mut checks);
            assert_eq!(checks.levels(), [found], "{free} bytes");
        }
    }
}
