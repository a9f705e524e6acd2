//! TLS to the server: which certificates are trusted, and which are not. The certificates are those of the tests of the host's
//! HTTP client, for `localhost`.

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::Trial;
use tillhouse_checkout::attempt::AttemptStatus::Charging;
use tillhouse_checkout::ports::Store;
use tillhouse_store::{PostgresOpenError, PostgresSettings};
use tillhouse_tests::{PostgresServer, TestDatabase, TestFolder};

use super::{Server, settings, try_open};
use crate::suite::fixtures::*;
use crate::trials;

const ROOT: &[u8] = include_bytes!("../../../host/egress/src/wire/tests/data/root.pem");
const SIGNED: &[u8] = include_bytes!("../../../host/egress/src/wire/tests/data/server.pem");
const SELF_SIGNED: &[u8] = include_bytes!("../../../host/egress/src/wire/tests/data/self-signed.pem");
const KEY: &[u8] = include_bytes!("../../../host/egress/src/wire/tests/data/server-key.pem");

/// Fails unless the database has a connection beside this one, and all such connections are encrypted.
const ALL_ENCRYPTED: &str = "DO $$ BEGIN \
     IF (SELECT bool_and(ssl) IS NOT TRUE FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE datname = current_database() AND pid <> pg_backend_pid()) \
     THEN RAISE EXCEPTION 'a connection is not encrypted'; END IF; END $$";

pub(super) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    trials!("postgres", server;
        a_server_whose_authority_is_named_is_spoken_to_in_private, a_server_that_shows_another_certificate_is_refused,
        a_server_without_tls_is_refused_where_its_authority_is_named,
    )
}

/// Settings that open the database under this host name of the server, trusting these authorities, or those of the machine.
fn trusting(database: &TestDatabase, host: &str, ca: Option<PathBuf>) -> PostgresSettings {
    let url = database.url().replace("127.0.0.1", host);
    PostgresSettings {
        ca,
        ..settings(&format!("{url}?sslmode=require"))
    }
}

async fn is_private(server: &PostgresServer, database: &TestDatabase) -> bool {
    server.try_sql(database.name(), ALL_ENCRYPTED).await.is_ok()
}

async fn a_server_whose_authority_is_named_is_spoken_to_in_private(server: &Server) {
    let (server, folder) = (server.encrypted(SIGNED, KEY), TestFolder::new());
    let database = server.database().await;
    let root = folder.write("root.pem", ROOT);
    let store = try_open(&trusting(&database, "localhost", Some(root))).await.unwrap();
    let stored = attempt("pa_1", "cs_1", Charging);
    store.commit(begin_attempt(stored.clone(), &host("h1"))).await.unwrap();
    assert_eq!(store.attempt(&stored.id).await.unwrap(), Some(stored));
    assert!(is_private(&server, &database).await);
    store.close();

    let open = database.url().to_owned() + "?sslmode=disable";
    let store = try_open(&settings(&open)).await.unwrap();
    assert!(
        !is_private(&server, &database).await,
        "a connection without TLS is detected"
    );
    store.close();
}

async fn a_server_that_shows_another_certificate_is_refused(server: &Server) {
    let (server, folder) = (server.encrypted(SIGNED, KEY), TestFolder::new());
    let database = server.database().await;
    let [root, other, nothing] =
        [("root", ROOT), ("other", SELF_SIGNED), ("nothing", b"")].map(|(name, pem)| folder.write(name, pem));
    for (host, ca) in [
        ("localhost", Some(other)),
        ("localhost", None),
        // The certificate does not contain this name.
        ("127.0.0.1", Some(root)),
    ] {
        let error = try_open(&trusting(&database, host, ca.clone())).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            matches!(error, PostgresOpenError::Connect { .. }),
            "{host} {ca:?}: {text}"
        );
        assert!(
            text.contains("certificate") && !text.contains("s3cret"),
            "{host} {ca:?}: {text}"
        );
    }
    let error = try_open(&trusting(&database, "localhost", Some(nothing)))
        .await
        .unwrap_err();
    assert!(matches!(error, PostgresOpenError::Tls(_)), "{error}");
}

/// A man in the middle could claim that the server has no TLS.
async fn a_server_without_tls_is_refused_where_its_authority_is_named(server: &Server) {
    let (database, folder) = (server.get().database().await, TestFolder::new());
    let named = PostgresSettings {
        ca: Some(folder.write("root.pem", ROOT)),
        ..settings(database.url())
    };
    let error = try_open(&named).await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Connect { .. }), "{error}");
    assert!(error.to_string().contains("TLS"), "{error}");
}
