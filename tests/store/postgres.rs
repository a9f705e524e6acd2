//! PostgreSQL.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libtest_mimic::Trial;
use tillhouse::checkout::attempt::AttemptState::Charging;
use tillhouse::checkout::ids::SessionId;
use tillhouse::checkout::ports::{CommitError, Store};
use tillhouse::checkout::unit::UnitOfWork;
use tillhouse::secret::Secret;
use tillhouse::store::{PostgresOpenError, PostgresSettings, PostgresStore};
use tillhouse_tests::{PostgresServer, TestDatabase, postgres_binaries};
use tokio::task::JoinSet;

use crate::proxy::{Cut, Proxy};
use crate::suite::fixtures::*;
use crate::suite::{self, ManualClock, Subject, durability};
use crate::{trial, trials};

/// One server for all trials, started by the first that needs it.
pub(crate) struct Server {
    binaries: Option<PathBuf>,
    running: OnceLock<PostgresServer>,
}

impl Server {
    pub(crate) fn find() -> Self {
        Self {
            binaries: postgres_binaries(),
            running: OnceLock::new(),
        }
    }

    /// Whether PostgreSQL is not installed.
    pub(crate) const fn is_absent(&self) -> bool {
        self.binaries.is_none()
    }

    /// The server that all share.
    pub(crate) fn get(&self) -> &PostgresServer {
        self.running.get_or_init(|| self.another())
    }

    /// A server of a trial's own, to be treated badly.
    fn another(&self) -> PostgresServer {
        PostgresServer::start(self.binaries.clone().expect("an installed server"))
    }
}

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = suite::all()
        .into_iter()
        .map(|(name, check)| {
            let server = server.clone();
            trial(format!("postgres::{name}"), move || async move {
                let database = server.get().database().await;
                check(&subject(database.url()).await).await;
            })
        })
        .collect();
    trials.extend(trials!("postgres", server;
        commits_survive_closing, commits_survive_a_crash_of_the_server, hosts_that_start_together_share_one_database,
        a_closed_store_says_so, a_newer_version_is_refused, an_edited_migration_is_refused,
        a_server_that_may_forget_is_refused, a_server_that_cannot_be_reached_is_named_without_the_password,
        a_url_that_is_none_is_not_repeated, the_password_may_come_by_itself, the_audit_log_cannot_be_changed,
        a_commit_whose_answer_was_lost_is_not_called_a_failure, a_connection_that_breaks_before_the_commit_is_replaced,
        connections_that_the_server_ended_are_replaced, what_the_server_rolls_back_is_tried_again,
        trying_again_has_an_end, a_caller_that_goes_away_leaves_no_lock, a_statement_does_not_wait_for_ever,
    ));
    let is_absent = server.is_absent();
    trials.into_iter().map(|it| it.with_ignored_flag(is_absent)).collect()
}

fn settings(url: &str) -> PostgresSettings {
    PostgresSettings {
        connections: 8,
        ..PostgresSettings::new(Arc::new(Secret::new(url.into())))
    }
}

async fn try_open(settings: &PostgresSettings) -> Result<PostgresStore, PostgresOpenError> {
    PostgresStore::open(settings, Arc::new(ManualClock::at(START))).await
}

async fn open(url: &str) -> PostgresStore {
    try_open(&settings(url)).await.unwrap()
}

async fn subject(url: &str) -> Subject {
    let clock = Arc::new(ManualClock::at(START));
    Subject {
        store: Arc::new(PostgresStore::open(&settings(url), clock.clone()).await.unwrap()),
        clock,
    }
}

/// The same database through a wire that can be cut.
async fn through(url: &str, cut: Cut) -> (Proxy, String) {
    let (_, place) = url.split_once('@').unwrap();
    let address: SocketAddr = place.split('/').next().unwrap().parse().unwrap();
    let proxy = Proxy::to(address, cut).await;
    let url = url.replace(&address.to_string(), &proxy.address.to_string());
    (proxy, url)
}

async fn commits_survive_closing(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let store = Arc::new(open(url).await);
    let first = Subject {
        store: store.clone(),
        clock: Arc::new(ManualClock::at(START)),
    };
    durability::before(&first).await;
    store.close();
    durability::after(&subject(url).await).await;
}

async fn commits_survive_a_crash_of_the_server(server: &Server) {
    let mut server = server.another();
    let database = server.database().await;
    let url = database.url();
    let store = subject(url).await;
    durability::before(&store).await;
    server.restart();
    // The same host goes on: its connections are gone, and it gets others.
    durability::after(&store).await;
}

async fn hosts_that_start_together_share_one_database(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let mut starting = JoinSet::new();
    for _ in 0..4 {
        let url = url.to_owned();
        starting.spawn(async move { open(&url).await });
    }
    let hosts = starting.join_all().await;
    let stored = attempt("pa_1", "cs_1", Charging);
    hosts[0]
        .commit(begin_attempt(stored.clone(), &host("h0")))
        .await
        .unwrap();
    hosts[0].commit(send(vec![message("a", START)])).await.unwrap();
    let claimed = tillhouse::checkout::ports::Worklist::claim_messages(&hosts[1], &host("h1"), START, &[], 10).await;
    assert_eq!(claimed.unwrap().len(), 1);
    for (n, other) in hosts.iter().enumerate() {
        let store: &dyn Store = other;
        let by = host(&format!("h{n}"));
        assert_eq!(store.attempt(&stored.id).await.unwrap(), Some(stored.clone()));
        assert_eq!(store.claim_attempts(&by, START, &[], 10).await.unwrap(), []);
        assert_eq!(store.claim_messages(&by, START, &[], 10).await.unwrap(), []);
    }
}

async fn a_closed_store_says_so(server: &Server) {
    let database = server.get().database().await;
    let store = open(database.url()).await;
    store.close();
    store.close();
    let error = store.commit(insert_session(session("cs_1", 1))).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    let error = store.session(&merchant(), &SessionId::new("cs_1")).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

async fn a_newer_version_is_refused(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    drop(open(url).await);
    let future = "INSERT INTO refinery_schema_history SELECT version + 1000, 'future', applied_on, checksum \
                  FROM refinery_schema_history ORDER BY version LIMIT 1";
    server.get().sql(database.name(), future).await;
    let error = try_open(&settings(url)).await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Newer { found: 1001, .. }), "{error}");
}

async fn an_edited_migration_is_refused(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    drop(open(url).await);
    server
        .get()
        .sql(database.name(), "UPDATE refinery_schema_history SET checksum = '1'")
        .await;
    let error = try_open(&settings(url)).await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Migration(_)), "{error}");
}

async fn a_server_that_may_forget_is_refused(server: &Server) {
    for (value, is_accepted) in [
        ("off", false),
        ("local", false),
        ("remote_write", false),
        ("remote_apply", true),
    ] {
        let database = server.get().database().await;
        let url = database.url();
        let set = format!("ALTER DATABASE {} SET synchronous_commit = {value}", database.name());
        server.get().sql("postgres", &set).await;
        let opened = try_open(&settings(url)).await;
        assert_eq!(opened.is_ok(), is_accepted, "{value}");
        if let Err(error) = opened {
            let text = error.to_string();
            assert!(text.contains(&format!("synchronous_commit = {value}")), "{text}");
        }
    }
}

async fn a_server_that_cannot_be_reached_is_named_without_the_password(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    for wrong in [
        url.replace("s3cret", "guessed"),
        url.replace("127.0.0.1:", "127.0.0.1:1"),
        format!("{url}_not_there"),
        format!("{url}?sslmode=require"),
    ] {
        let error = try_open(&settings(&wrong)).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            matches!(error, PostgresOpenError::Connect { .. } | PostgresOpenError::Url(_)),
            "{text}"
        );
        assert!(!text.contains("s3cret") && !text.contains("guessed"), "{text}");
    }
}

async fn a_url_that_is_none_is_not_repeated(_: &Server) {
    for url in [
        "postgres://",
        "postgres:///db",
        "postgres://u:s3cret@h:x/db",
        "postgres://u:s3cret@h/db?ssl=1",
    ] {
        let error = try_open(&settings(url)).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, PostgresOpenError::Url(_)), "{text}");
        assert!(text.starts_with("store.url: ") && !text.contains("s3cret"), "{text}");
    }
}

async fn the_password_may_come_by_itself(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let without = url.replace(":s3cret%2F%25%26%40@", "@");
    assert_ne!(url, without);
    try_open(&settings(&without)).await.unwrap_err();
    let settings = PostgresSettings {
        password: Some(Arc::new(Secret::new("s3cret/%&@".into()))),
        ..settings(&without)
    };
    let store = try_open(&settings).await.unwrap();
    assert!(!format!("{settings:?} {store:?}").contains("s3cret"));
}

async fn the_audit_log_cannot_be_changed(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let subject = subject(url).await;
    subject.commit(audit(entry("pa_1"))).await;
    for statement in [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ] {
        let error = server.get().try_sql(database.name(), statement).await.unwrap_err();
        let text = error.as_db_error().unwrap().message().to_owned();
        assert!(text.contains("only added to"), "{text}");
    }
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap()[0].entry, entry("pa_1"));
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
        "it was committed, though nobody was told"
    );
    assert_eq!(
        store.session(&merchant(), &id).await.unwrap(),
        found,
        "and the host goes on"
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

/// Sessions are refused so many times with a failure of serialisation.
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
    assert_eq!(sold, 1, "once, however often it was tried");
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap().len(), 1);
}

async fn trying_again_has_an_end(server: &Server) {
    let (subject, _database) = failing(server, 1_000_000).await;
    let error = subject.refused(insert_session(session("cs_1", 1))).await;
    assert!(
        matches!(&error, CommitError::Store(error) if error.0.contains("40001")),
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
        // Once it has sent something, or just before.
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
