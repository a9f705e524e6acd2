//! A database that goes back in time is noticed by the hosts whose commits it has lost, and by nothing else.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Trial;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{Rewound, Store, StoreMaintenance};
use tillhouse_store::{PostgresSettings, PostgresStore};
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::{Shutdown, TestFolder};

use super::{Server, settings, try_open};
use crate::suite::fixtures::*;
use crate::trials;

pub(super) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    trials!("postgres", server;
        a_database_that_comes_back_from_a_copy_is_noticed_by_the_first_use, a_database_that_went_back_is_noticed_at_the_start,
        a_database_that_went_back_before_its_commits_were_numbered_is_noticed, what_lost_nothing_is_not_noticed,
        a_fail_over_is_noticed_if_it_lost_a_commit_and_only_then, after_a_quarantine_every_host_uses_the_store_again,
        the_lost_commits_of_a_host_that_is_gone_are_noticed_by_another,
    )
}

/// A host with a memory in this folder.
fn remembering(url: &str, folder: &Path) -> PostgresSettings {
    PostgresSettings {
        memory: Some(folder.to_owned()),
        ..settings(url)
    }
}

async fn open(url: &str, folder: &Path) -> PostgresStore {
    try_open(&remembering(url, folder)).await.unwrap()
}

async fn commit(store: &PostgresStore, id: &str) {
    store.commit(insert_session(session(id, 1))).await.unwrap();
}

async fn quarantine(store: &PostgresStore) {
    drop(store.begin_quarantine().await.unwrap());
    store.end_quarantine().await.unwrap();
}

async fn a_database_that_comes_back_from_a_copy_is_noticed_by_the_first_use(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let folder = TestFolder::new();
    let store = open(database.url(), folder.path()).await;
    commit(&store, "cs_1").await;
    let copy = server.copy();
    commit(&store, "cs_2").await;
    commit(&store, "cs_3").await;
    server.come_back_from(&copy);
    // The first use is a read: what it would have found is not true any more.
    let error = store.session(&merchant(), &SessionId::new("cs_1")).await.unwrap_err();
    assert!(error.to_string().contains("went back in time"), "{error}");
    assert_eq!(store.rewound(), Some(Rewound::CommitsMissing { count: 2 }));
    let error = store.commit(insert_session(session("cs_4", 1))).await.unwrap_err();
    assert!(error.to_string().contains("went back in time"), "{error}");

    quarantine(&store).await;
    assert_eq!(store.rewound(), None);
    commit(&store, "cs_2").await;
    server.restart();
    commit(&store, "cs_3").await;
}

async fn a_database_that_went_back_is_noticed_at_the_start(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let folder = TestFolder::new();
    let store = open(database.url(), folder.path()).await;
    commit(&store, "cs_1").await;
    let copy = server.copy();
    commit(&store, "cs_2").await;
    // The process ends without a word.
    drop(store);
    server.come_back_from(&copy);
    let store = open(database.url(), folder.path()).await;
    assert_eq!(store.rewound(), Some(Rewound::CommitsMissing { count: 1 }));
    // A host that ends during the quarantine leaves it to the next start.
    drop(store.begin_quarantine().await.unwrap());
    drop(store);
    let store = open(database.url(), folder.path()).await;
    assert_eq!(store.rewound(), Some(Rewound::QuarantineIncomplete));
    quarantine(&store).await;
    commit(&store, "cs_2").await;
    drop(store);
    assert_eq!(open(database.url(), folder.path()).await.rewound(), None);
}

async fn a_database_that_went_back_before_its_commits_were_numbered_is_noticed(server: &Server) {
    let database = server.get().database().await;
    let folder = TestFolder::new();
    let store = open(database.url(), folder.path()).await;
    commit(&store, "cs_1").await;
    drop(store);
    // As after pg_restore of a dump of an earlier release, with a checkout.
    let keep = "CREATE SCHEMA kept; CREATE TABLE kept.history AS SELECT * FROM refinery_schema_history WHERE version < 5; \
                DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    let history = "CREATE TABLE refinery_schema_history AS TABLE kept.history; DROP SCHEMA kept CASCADE; \
                   INSERT INTO session (merchant, id, revision, state, updated, expires, body) VALUES ('m', 's', 1, 'open', 1, 1, '{}')";
    for sql in [
        keep,
        include_str!("../../../host/store/src/postgres/migrations/V1__store.sql"),
        include_str!("../../../host/store/src/postgres/migrations/V2__payer.sql"),
        include_str!("../../../host/store/src/postgres/migrations/V3__contract.sql"),
        include_str!("../../../host/store/src/postgres/migrations/V4__merchants.sql"),
        history,
    ] {
        server.get().sql(database.name(), sql).await;
    }
    let store = open(database.url(), folder.path()).await;
    assert_eq!(store.rewound(), Some(Rewound::OtherStore));
    quarantine(&store).await;
    drop(store);
    assert_eq!(open(database.url(), folder.path()).await.rewound(), None);
}

async fn what_lost_nothing_is_not_noticed(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let (folder, other) = (TestFolder::new(), TestFolder::new());
    let store = open(database.url(), folder.path()).await;
    commit(&store, "cs_1").await;
    server.restart();
    commit(&store, "cs_2").await;

    // Another host joins: in the same folder, in a folder of its own, without a memory.
    let beside = open(database.url(), folder.path()).await;
    let elsewhere = open(database.url(), other.path()).await;
    let forgetful = try_open(&settings(database.url())).await.unwrap();
    for (joined, id) in [(&beside, "cs_3"), (&elsewhere, "cs_4"), (&forgetful, "cs_5")] {
        commit(joined, id).await;
        assert_eq!(joined.rewound(), None, "{id}");
    }
    drop((beside, elsewhere, forgetful));

    // The machine lost its power before the last commit was on file.
    let file = folder.path().join("commits-1");
    let before = fs::read(&file).unwrap();
    commit(&store, "cs_6").await;
    assert_ne!(
        fs::read(&file).unwrap(),
        before,
        "a commit is on file before its caller is told"
    );
    drop(store);
    fs::write(&file, before).unwrap();
    let store = open(database.url(), folder.path()).await;
    assert_eq!(store.rewound(), None);
    commit(&store, "cs_7").await;
    drop(store);

    // A new database in its place is not one that went back, and does not make the host forget the first one.
    let fresh = server.database().await;
    let store = open(fresh.url(), folder.path()).await;
    assert_eq!(store.rewound(), None);
    commit(&store, "cs_1").await;
    drop(store);
    let lose = "UPDATE commit_mark SET number = number - 1";
    server.sql(database.name(), lose).await;
    let store = open(database.url(), folder.path()).await;
    assert!(store.rewound().is_some(), "the first database is still known");
}

async fn a_fail_over_is_noticed_if_it_lost_a_commit_and_only_then(server: &Server) {
    for loses_a_commit in [false, true] {
        let mut primary = server.another();
        let database = primary.database().await;
        let mut standby = primary.standby();
        let folder = TestFolder::new();
        let url = primary.url_with_standby(&standby, database.name());
        let store = open(&url, folder.path()).await;
        commit(&store, "cs_1").await;
        wait_until("the standby has the commit", async || {
            let query = "SELECT EXISTS (SELECT 1 FROM session WHERE id = 'cs_1')";
            standby.holds(database.name(), query).await
        })
        .await;
        let weaknesses = store.health().await.unwrap().weaknesses;
        let found = |words: &str| weaknesses.iter().any(|it| it.finding.contains(words));
        assert!(found("standbys and no synchronous_standby_names"), "{weaknesses:#?}");
        let without_checksums = "SELECT current_setting('data_checksums') = 'off'";
        let expected = primary.holds(database.name(), without_checksums).await;
        assert_eq!(found("data_checksums = off"), expected, "{weaknesses:#?}");
        if loses_a_commit {
            standby.shut_down(Shutdown::Fast);
            commit(&store, "cs_2").await;
        }
        primary.shut_down(Shutdown::Immediate);
        if loses_a_commit {
            standby.start_again();
        }
        standby.promote().await;
        let read = store.session(&merchant(), &SessionId::new("cs_1")).await;
        assert_eq!(read.is_err(), loses_a_commit, "{read:?}");
        let expected = loses_a_commit.then_some(Rewound::CommitsMissing { count: 1 });
        assert_eq!(store.rewound(), expected);
        if !loses_a_commit {
            commit(&store, "cs_2").await;
        }
    }
}

async fn after_a_quarantine_every_host_uses_the_store_again(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let (a, b) = (TestFolder::new(), TestFolder::new());
    let first = open(database.url(), a.path()).await;
    let second = open(database.url(), b.path()).await;
    commit(&first, "cs_1").await;
    commit(&second, "cs_2").await;
    let copy = server.copy();
    commit(&first, "cs_3").await;
    commit(&second, "cs_4").await;
    server.come_back_from(&copy);
    first.session(&merchant(), &SessionId::new("cs_1")).await.unwrap_err();
    quarantine(&first).await;
    // What the second host has lost was in that quarantine.
    commit(&second, "cs_4").await;
    assert_eq!(second.rewound(), None);
    drop(second);
    assert_eq!(open(database.url(), b.path()).await.rewound(), None);
}

async fn the_lost_commits_of_a_host_that_is_gone_are_noticed_by_another(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let gone = try_open(&settings(database.url())).await.unwrap();
    let stays = try_open(&settings(database.url())).await.unwrap();
    commit(&gone, "cs_1").await;
    let copy = server.copy();
    commit(&gone, "cs_2").await;
    // What a host that serves does every second.
    stays.verify().await.unwrap();
    drop(gone);
    server.come_back_from(&copy);
    let error = stays.session(&merchant(), &SessionId::new("cs_1")).await.unwrap_err();
    assert!(error.to_string().contains("went back in time"), "{error}");
    quarantine(&stays).await;
    stays.verify().await.unwrap();
    commit(&stays, "cs_2").await;
    assert_eq!(stays.rewound(), None);
}
