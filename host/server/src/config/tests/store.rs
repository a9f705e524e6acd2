//! Tests of the section `[store]`.

use super::*;

/// Parses a store section; the environment and the files hold the canary.
fn store(text: &str) -> StoreConfig {
    parse(&with(&format!("[store]\n{text}"))).unwrap().store
}

fn postgres(config: &StoreConfig) -> (&str, Option<&str>) {
    match &config.url {
        StoreUrl::Postgres { url, password, .. } => (url.reveal(), password.as_ref().map(|it| it.reveal())),
        StoreUrl::Sqlite { folder } => panic!("{}", folder.display()),
    }
}

#[test]
fn a_url_is_all_that_postgresql_needs() {
    for scheme in ["postgres", "postgresql"] {
        let url = format!("{scheme}://till:pw@db:5432/till?sslmode=require");
        let config = store(&format!("url = \"{url}\""));
        assert_eq!(postgres(&config), (url.as_str(), None));
        assert_eq!(
            (config.connections, config.statement_timeout),
            (16, Duration::from_secs(5))
        );
    }
}

#[test]
fn the_url_and_the_password_may_come_from_elsewhere() {
    let config = store("url = \"postgres://till@db/till\"\npassword = { file = \"key.txt\" }");
    assert_eq!(postgres(&config), ("postgres://till@db/till", Some(CANARY)));
    assert!(!format!("{config:?}").contains(CANARY));
    let environment = |name: &str| match name {
        "DATABASE_URL" | "TILLHOUSE_STORE_URL" => Some(format!("postgres://till:{CANARY}@db/till")),
        "TILLHOUSE_STORE_CONNECTIONS" => Some("3".into()),
        _ => None,
    };
    for text in ["url = { env = \"DATABASE_URL\" }", "url = \"${DATABASE_URL}\"", ""] {
        let text = with(&format!("[store]\n{text}"));
        let config = Config::parse(&text, &Sources::new("/base", environment, file))
            .unwrap()
            .store;
        assert!(postgres(&config).0.contains(CANARY));
        assert_eq!(config.connections, 3);
        assert!(!format!("{config:?}").contains(CANARY));
    }
}

#[test]
fn a_host_remembers_its_commits_in_a_folder_of_its_own() {
    let url = "url = \"postgres://till@db/till\"";
    for (more, expected) in [
        ("", "/etc/tillhouse/data"),
        ("memory = \"/var/lib/till\"", "/var/lib/till"),
    ] {
        match store(&format!("{url}\n{more}")).url {
            StoreUrl::Postgres { memory, .. } => assert_eq!(memory, Path::new(expected)),
            StoreUrl::Sqlite { folder } => panic!("{}", folder.display()),
        }
    }
}

#[test]
fn a_mistake_is_found_at_its_place_and_the_keys_of_the_other_engine_are_none() {
    let postgres = "url = \"postgres://till@db/till\"";
    for (text, path) in [
        (format!("{postgres}\nreaders = 4"), "store.readers"),
        (format!("{postgres}\ngroup_max = 4"), "store.group_max"),
        (format!("{postgres}\nconnections = 0"), "store.connections"),
        (
            format!("{postgres}\nstatement_timeout_ms = 5"),
            "store.statement_timeout_ms",
        ),
        ("connections = 4".into(), "store.connections"),
        ("memory = \"here\"".into(), "store.memory"),
        ("password = \"pw\"".into(), "store.password"),
        ("url = \"postgres:db\"".into(), "store.url"),
        ("url = \"sqlite\"".into(), "store.url"),
        ("url = \"sqlite:\"".into(), "store.url"),
        ("url = \"mysql:x\"".into(), "store.url"),
        ("readers = 1.5".into(), "store.readers"),
    ] {
        assert_eq!(paths(&with(&format!("[store]\n{text}"))), [path], "{text}");
    }
}
