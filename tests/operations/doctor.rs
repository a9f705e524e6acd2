//! What the doctor sees.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use libtest_mimic::Trial;
use tillhouse_tests::process::{HostProcess, Said};

use crate::{brisk, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "doctor::what_is_wrong_is_said_with_the_way_out",
        what_is_wrong_is_said_with_the_way_out,
    )]
}

/// The findings of a check, as `level finding`.
fn findings(said: &Said, check: &str) -> Vec<String> {
    let all = said.json["checks"].as_array().expect("checks");
    let of = all.iter().filter(|it| it["check"] == check);
    of.map(|it| format!("{} {}", it["level"].as_str().unwrap(), it["finding"].as_str().unwrap()))
        .collect()
}

async fn what_is_wrong_is_said_with_the_way_out() {
    let mut host = HostProcess::start(brisk(), &[]).await;
    let well = host.ask(&["doctor"]).exits(0);
    assert!(findings(&well, "host")[0].contains("runs since"), "{}", well.text);
    assert!(
        findings(&well, "store").iter().any(|it| it.contains("intact")),
        "{}",
        well.text
    );
    let plugins = findings(&well, "plugins");
    assert!(
        plugins.iter().any(|it| it.starts_with("ok demo: reference-shop")),
        "{plugins:#?}"
    );
    assert!(
        plugins
            .iter()
            .any(|it| it.starts_with("warn") && it.contains("without TLS")),
        "{plugins:#?}"
    );

    let open = |mode| std::fs::set_permissions(host.store_folder(), Permissions::from_mode(mode)).unwrap();
    open(0o755);
    let said = host.ask(&["doctor"]).exits(1);
    assert!(
        findings(&said, "store")
            .iter()
            .any(|it| it.starts_with("fail") && it.contains("open to others"))
    );
    open(0o700);

    host.stop();
    let alone = host.ask(&["doctor"]).exits(0);
    assert_eq!(findings(&alone, "host"), ["ok none runs"]);
    let database = host.store_folder().join("tillhouse.db");
    let whole = std::fs::read(&database).unwrap();
    let mut damaged = whole.clone();
    let end = damaged.len() - 4096;
    damaged[4096..end].fill(0x5a);
    std::fs::write(&database, damaged).unwrap();
    let said = host.ask(&["doctor"]).exits(1);
    assert!(
        findings(&said, "store").iter().any(|it| it.starts_with("fail")),
        "{}",
        said.text
    );
    std::fs::write(&database, whole).unwrap();

    host.configure("server.max_connections = 0\nserver.colour = 1");
    let said = host.ask(&["doctor"]).exits(1);
    let wrong = findings(&said, "configuration");
    assert_eq!(wrong.len(), 2, "{wrong:#?}");
}
