//! Changes to the audit log are detected.

use libtest_mimic::Trial;
use rusqlite::Connection;
use tillhouse_tests::process::HostProcess;

use crate::{each, fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "audit::whatever_is_changed_in_the_log_is_found",
        whatever_is_changed_in_the_log_is_found,
    )]
}

async fn whatever_is_changed_in_the_log_is_found() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    host.stop();
    host.start_again().await;
    host.stop();
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert_eq!(each(&log["records"], "action"), ["host.start", "host.start"]);
    assert!(
        log["records"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("sandbox-processor"),
        "{log:#}"
    );
    let whole = host.run_json(&["audit", "verify"]).expect_exit(0).json;
    assert_eq!((&whole["intact"], &whole["verified"]), (&true.into(), &2.into()));
    let head = format!("{}:{}", whole["last"], whole["hash"].as_str().unwrap());
    let _ = host.run_json(&["audit", "verify", "--expect", &head]).expect_exit(0);

    let db = Connection::open(host.store_folder().join("tillhouse.db")).unwrap();
    let refused = db.execute("UPDATE audit SET actor = 'operator:eve' WHERE seq = 1", []);
    assert!(refused.is_err(), "the database must reject changes to the log");
    db.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut")
        .unwrap();
    let actor: String = db
        .query_row("SELECT actor FROM audit WHERE seq = 1", [], |row| row.get(0))
        .unwrap();
    db.execute("UPDATE audit SET actor = 'operator:eve' WHERE seq = 1", [])
        .unwrap();
    let broken = host.run_json(&["audit", "verify"]).expect_exit(1).json;
    assert!(
        broken["problem"].as_str().unwrap().contains("record 1 was changed"),
        "{broken:#}"
    );
    db.execute("UPDATE audit SET actor = ?1 WHERE seq = 1", [actor])
        .unwrap();
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);

    db.execute("DELETE FROM audit WHERE seq = 2", []).unwrap();
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);
    let cut = host
        .run_json(&["audit", "verify", "--expect", &head])
        .expect_exit(1)
        .json;
    assert!(cut["problem"].as_str().unwrap().contains("cut off"), "{cut:#}");
}
