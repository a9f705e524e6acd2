//! Errors that prevent a host from starting, and their messages.

use std::sync::Arc;

use libtest_mimic::Trial;
use tillhouse_checkout::secret::Secret;
use tillhouse_store::{PostgresOpenError, PostgresSettings};

use super::{Server, open, settings, try_open};
use crate::trials;

pub(super) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    trials!("postgres", server;
        a_newer_version_is_refused, an_edited_migration_is_refused, a_server_that_may_forget_is_refused,
        a_server_that_cannot_be_reached_is_named_without_the_password, a_url_that_is_none_is_not_repeated,
        the_password_may_come_by_itself,
    )
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
