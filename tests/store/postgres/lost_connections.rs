//! Lost connections, rolled back transactions, callers that go away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{CommitError, Store};
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_store::PostgresSettings;
use tillhouse_tests::TestDatabase;
use tokio::task::JoinSet;

use super::{Server, open, settings, subject, try_open};
use crate::proxy::{Cut, Proxy};
use crate::suite::Subject;
use crate::suite::fixtures::*;
use crate::trials;

pub(super) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    trials!("postgres", server;
        a_commit_whose_answer_was_lost_is_not_called_a_failure, a_connection_that_breaks_before_the_commit_is_replaced,
        connections_that_the_server_ended_are_replaced, what_the_server_rolls_back_is_tried_again,
        trying_again_has_an_end, a_caller_that_goes_away_leaves_no_lock, a_statement_does_not_wait_for_ever,
    )
}

/// The same database through a proxy that can cut the connection.
async fn through(url: &str, cut: Cut) -> (Proxy, String) {
    let (_, place) = url.split_once('@').unwrap();
    let address: SocketAddr = place.split('/').next().unwrap().parse().unwrap();
    let proxy = Proxy::to(address, cut).await;
    let url = url.replace(&address.to_string(), &proxy.address.to_string());
    (proxy, url)
}

async fn a_commit_whose_answer_was_lost_is_not_called_a_failure(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (proxy, cut) = through(url, Cut::After(b"COMMIT\0")).await;
    let store = open(&cut).await;
    proxy.arm(1);
    let error = store.commit(insert_session(session("cs_1", 1))).await.unwrap_err();
    assert_eq!(proxy.left(), 0);
    assert!(matches!(error, CommitError::Store(_)), "{error:?}");
    let id = SessionId::new("cs_1");
    let found = open(url).await.session(&merchant(), &id).await.unwrap();
    assert_eq!(
        found,
        Some(session("cs_1", 1)),
        "the unit was committed, although its response was lost"
    );
    assert_eq!(
        store.session(&merchant(), &id).await.unwrap(),
        found,
        "the store is usable after the lost connection"
    );
}

async fn a_connection_that_breaks_before_the_commit_is_replaced(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (proxy, cut) = through(url, Cut::Before(b"BEGIN")).await;
    let store = open(&cut).await;
    proxy.arm(2);
    store.commit(insert_session(session("cs_1", 1))).await.unwrap();
    assert_eq!(proxy.left(), 0);
}

async fn connections_that_the_server_ended_are_replaced(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let store = Arc::new(open(url).await);
    for round in 0..3 {
        let mut commits = JoinSet::new();
        for n in 0..8 {
            let store = store.clone();
            let unit = insert_session(session(&format!("cs_{round}_{n}"), 1));
            commits.spawn(async move { store.commit(unit).await });
        }
        for done in commits.join_all().await {
            done.unwrap();
        }
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            database.name()
        );
        server.get().sql("postgres", &end).await;
        let read = store.session(&merchant(), &SessionId::new("cs_0_0")).await;
        assert!(read.unwrap().is_some());
    }
}

/// Makes inserting sessions fail this many times with a serialization error.
async fn failing(server: &Server, times: u32) -> (Subject, TestDatabase) {
    let database = server.get().database().await;
    let url = database.url();
    let subject = subject(url).await;
    let trigger = format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('tries') <= {times} THEN
                 RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER fail BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION fail();"
    );
    server.get().sql(database.name(), &trigger).await;
    (subject, database)
}

async fn what_the_server_rolls_back_is_tried_again(server: &Server) {
    let (subject, _database) = failing(server, 3).await;
    let mut unit = insert_session(session("cs_1", 1));
    unit.staged.writes = vec![add("sold", 1, None)];
    unit.audit = Some(entry("cs_1"));
    subject.commit(unit).await;
    let sold = subject.store.counter(&namespace("shop"), "sold").await.unwrap();
    assert_eq!(sold, 1, "stock is sold once, however often the unit was retried");
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap().len(), 1);
}

async fn trying_again_has_an_end(server: &Server) {
    let (subject, _database) = failing(server, 1_000_000).await;
    let error = subject.refused(insert_session(session("cs_1", 1))).await;
    assert!(
        matches!(&error, CommitError::Store(error) if error.message().contains("40001")),
        "{error:?}"
    );
    subject.commit(UnitOfWork::default()).await;
}

async fn a_caller_that_goes_away_leaves_no_lock(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let store = Arc::new(open(url).await);
    store
        .commit(stage(vec![], vec![add("stock", 100, None)]))
        .await
        .unwrap();
    for _ in 0..20 {
        let store = store.clone();
        let unit = stage(vec![], vec![add("stock", -1, Some(0))]);
        let abandoned = tokio::spawn(async move { store.commit(unit).await });
        // Abandoned after the request was sent, or just before.
        tokio::task::yield_now().await;
        abandoned.abort();
        let _ = abandoned.await;
    }
    store
        .commit(stage(vec![], vec![add("stock", -1, Some(0))]))
        .await
        .unwrap();
}

async fn a_statement_does_not_wait_for_ever(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let settings = PostgresSettings {
        statement_timeout: Duration::from_millis(500),
        ..settings(url)
    };
    let store = try_open(&settings).await.unwrap();
    store.commit(insert_session(session("cs_1", 1))).await.unwrap();
    let (mut other, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let lock = other.transaction().await.unwrap();
    lock.batch_execute("SELECT 1 FROM session FOR UPDATE").await.unwrap();
    let error = store.commit(replace_session(session("cs_1", 2), 1)).await.unwrap_err();
    assert!(matches!(error, CommitError::Store(_)), "{error:?}");
    lock.rollback().await.unwrap();
    store.commit(replace_session(session("cs_1", 2), 1)).await.unwrap();
}
