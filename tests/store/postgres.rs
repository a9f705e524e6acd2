//! Trials of the store on PostgreSQL.

mod encryption;
mod lost_connections;
mod opening;
mod rewound;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use libtest_mimic::Trial;
use tillhouse_checkout::attempt::AttemptStatus::Charging;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{MessageSelection, Store};
use tillhouse_checkout::secret::Secret;
use tillhouse_store::{PostgresOpenError, PostgresSettings, PostgresStore};
use tillhouse_tests::{PostgresServer, postgres_binaries};
use tokio::task::JoinSet;

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

    /// The server that all trials share.
    pub(crate) fn get(&self) -> &PostgresServer {
        self.running.get_or_init(|| self.another())
    }

    /// A separate server for one trial, with this TLS certificate.
    fn encrypted(&self, certificate: &[u8], key: &[u8]) -> PostgresServer {
        PostgresServer::start_with_tls(
            self.binaries.clone().expect("PostgreSQL is installed"),
            certificate,
            key,
        )
    }

    /// A separate server for a trial that restarts or breaks it.
    fn another(&self) -> PostgresServer {
        PostgresServer::start(self.binaries.clone().expect("PostgreSQL is installed"))
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
        a_closed_store_says_so, the_audit_log_cannot_be_changed,
    ));
    trials.extend(encryption::trials(server));
    trials.extend(opening::trials(server));
    trials.extend(lost_connections::trials(server));
    trials.extend(rewound::trials(server));
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
    let store = PostgresStore::open(&settings(url), clock.clone()).await.unwrap();
    Subject::new(Arc::new(store), clock)
}

async fn commits_survive_closing(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let store = Arc::new(open(url).await);
    let first = Subject::new(store.clone(), Arc::new(ManualClock::at(START)));
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
    // The same store goes on: its connections were lost, and it opens new ones.
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
    let claimed = tillhouse_checkout::ports::WorkQueue::lease_messages(
        &hosts[1],
        &host("h1"),
        START,
        &MessageSelection::of_all(10),
    )
    .await;
    assert_eq!(claimed.unwrap().len(), 1);
    for (n, other) in hosts.iter().enumerate() {
        let store: &dyn Store = other;
        let by = host(&format!("h{n}"));
        assert_eq!(store.attempt(&stored.id).await.unwrap(), Some(stored.clone()));
        assert_eq!(store.lease_attempts(&by, START, &[], 10).await.unwrap(), []);
        assert_eq!(
            store
                .lease_messages(&by, START, &MessageSelection::of_all(10))
                .await
                .unwrap(),
            []
        );
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

async fn the_audit_log_cannot_be_changed(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let subject = subject(url).await;
    subject.commit(audit(entry("pa_1"))).await;
    for statement in [
        "UPDATE audit SET actor = 'other'",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ] {
        let error = server.get().try_sql(database.name(), statement).await.unwrap_err();
        let text = error.as_db_error().unwrap().message().to_owned();
        assert!(text.contains("only added to"), "{text}");
    }
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap()[0].entry, entry("pa_1"));
}
