//! Stores of the contract before 0.2.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use refinery_core::{Runner, Target};

use super::*;

/// A store as the release before contract 0.2 left it: with these rows, and without the migrations since.
fn older_store(rows: &str) -> Folder {
    let folder = Folder::new();
    DirBuilder::new().mode(0o700).create(folder.path()).unwrap();
    let mut db = folder.sql();
    std::fs::set_permissions(folder.database(), Permissions::from_mode(0o600)).unwrap();
    let migrations = open::migrations().unwrap();
    let older = Runner::new(&migrations).set_target(Target::Version(3));
    older.run(&mut db).unwrap();
    db.execute_batch(rows).unwrap();
    folder
}

#[tokio::test]
async fn a_database_with_checkouts_of_an_older_contract_is_refused_and_stays_as_it_is() {
    let session = "INSERT INTO session (merchant, id, revision, state, updated, expires, body) \
                   VALUES ('acme', 'cs_1', 1, 'completed', 1, 1, '{}')";
    let attempt = "INSERT INTO attempt (id, merchant, session, payer, token, token_burned, state, amount, currency, reference, \
                   order_id, initiated, next_try, body) \
                   VALUES ('pa_1', 'acme', 'cs_1', 'token', 'spt_1', 1, 'unknown', 1, 'USD', 'pa_1', 'ord_1', 1, 0, '{}')";
    for rows in [session, attempt] {
        let folder = older_store(rows);
        for _ in 0..2 {
            let error = folder.open().unwrap_err();
            assert!(matches!(error, SqliteOpenError::Older { found: 3 }), "{error}");
            let text = error.to_string();
            for part in [
                "schema version 3",
                "contract 0.1",
                "no migration",
                "finish open payments with the host version that wrote them",
                "new folder in store.url",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
            let inspected = inspect(&folder.path()).unwrap_err();
            assert_eq!(inspected.to_string(), text, "and is not called ready to be migrated");
        }
    }
}

#[tokio::test]
async fn a_database_of_an_older_contract_without_checkouts_is_migrated_with_what_it_has() {
    let folder = older_store("INSERT INTO counter (merchant, plugin, key, value) VALUES ('acme', 'shop', 'stock', 7)");
    drop(folder.open().unwrap());
    let kept: (i64, i64) = folder
        .sql()
        .query_row(
            "SELECT value, (SELECT max(version) FROM refinery_schema_history) FROM counter",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let newest = open::migrations().unwrap().len();
    assert_eq!(kept, (7, i64::try_from(newest).unwrap()));
}
