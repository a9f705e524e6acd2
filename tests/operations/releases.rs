//! `tillhouse plugin load`, `list` and `back`: another release of a plugin in a running host.

mod authority;
mod refused;
mod under_load;

use std::path::Path;

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{CommandOutput, HostProcess};
use tillhouse_tests::{Merchant, TestFolder, release_file};

use crate::{each, fast_host, trial};
use under_load::Operators;

const PROCESSOR: &str = "sandbox-processor";
const ITEMS: &[(&str, u32)] = &[("tee-classic", 1)];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "releases::a_loaded_release_outlives_restarts_and_goes_back_one_by_one",
            a_loaded_release_outlives_restarts_and_goes_back_one_by_one,
        ),
        trial(
            "releases::under_load::no_request_and_no_payment_fails_while_releases_are_loaded",
            under_load::no_request_and_no_payment_fails_while_releases_are_loaded,
        ),
        trial(
            "releases::refused::what_a_start_would_refuse_is_refused_and_changes_nothing",
            refused::what_a_start_would_refuse_is_refused_and_changes_nothing,
        ),
        trial(
            "releases::authority::payments_are_not_lost_and_prices_not_taken_over_without_consent",
            authority::payments_are_not_lost_and_prices_not_taken_over_without_consent,
        ),
        trial(
            "releases::a_host_that_is_killed_within_a_load_has_one_release_or_the_other",
            a_host_that_is_killed_within_a_load_has_one_release_or_the_other,
        ),
        trial(
            "releases::a_loaded_release_stands_over_another_configured_one_and_a_lost_copy_is_named",
            a_loaded_release_stands_over_another_configured_one_and_a_lost_copy_is_named,
        ),
    ]
}

/// Loads a release with the command.
fn load(host: &HostProcess, file: &Path) -> CommandOutput {
    host.run_json(&["plugin", "load", text(file), "--merchant", "demo"])
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The processor in `plugin list`.
fn processor(host: &HostProcess) -> Value {
    let list = host
        .run_json(&["plugin", "list", "--merchant", "demo"])
        .expect_exit(0)
        .json;
    let plugins = list["plugins"].as_array().expect("an array");
    plugins
        .iter()
        .find(|it| it["plugin"] == PROCESSOR)
        .expect("the processor")
        .clone()
}

/// The actions of the audit log about releases.
fn audited(host: &HostProcess) -> Vec<String> {
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    let all = each(&log["records"], "action").into_iter();
    all.filter(|action| action.starts_with("plugin."))
        .map(str::to_owned)
        .collect()
}

async fn a_loaded_release_outlives_restarts_and_goes_back_one_by_one() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let folder = TestFolder::new();
    let [two, three] = ["0.2.0", "0.3.0"].map(|version| release_file(folder.path(), PROCESSOR, version));
    let configured = processor(&host);
    assert_eq!(
        (&configured["version"], &configured["source"]),
        (&"0.1.0".into(), &"configuration".into())
    );
    assert_eq!(configured["previous"], Value::Null);

    let loaded = load(&host, &two).expect_exit(0).json;
    assert_eq!(
        (
            &loaded["changed"],
            &loaded["now"]["version"],
            &loaded["before"]["version"]
        ),
        (&true.into(), &"0.2.0".into(), &"0.1.0".into())
    );
    let again = load(&host, &two).expect_exit(0).json;
    assert_eq!(again["changed"], false, "a repeated command changes nothing");
    let _ = load(&host, &three).expect_exit(0);
    // The file of the operator is not needed any more.
    std::fs::remove_file(&two).unwrap();
    std::fs::remove_file(&three).unwrap();
    let before = processor(&host);
    assert_eq!(
        (&before["source"], &before["previous"]["version"]),
        (&"loaded".into(), &"0.2.0".into())
    );
    assert_eq!(before["configured"]["version"], "0.1.0");
    assert_eq!(before["file"], text(&three));
    assert!(before["serves"].to_string().contains("payments"), "{before:#}");

    host.kill();
    assert_eq!(processor(&host), before, "the command reads it without a host too");
    host.start_again().await;
    assert_eq!(processor(&host), before, "with the time since when it is in force");
    let _ = host.acp().buy(ITEMS).await;
    let doctor = host.run_json(&["doctor"]).text;
    assert!(doctor.contains("sandbox-processor 0.3.0 was loaded at"), "{doctor}");

    let back = |words: &[&str]| host.run_json(&[&["plugin", "back", "--merchant", "demo"], words].concat());
    assert_eq!(back(&[]).expect_exit(0).json["now"]["version"], "0.2.0");
    assert_eq!(
        back(&["--plugin", PROCESSOR]).expect_exit(0).json["now"]["version"],
        "0.1.0"
    );
    let none = back(&[]).expect_exit(1);
    assert!(none.text.contains("has no loaded release"), "{}", none.text);
    let none = back(&["--plugin", PROCESSOR]).expect_exit(1);
    assert!(none.text.contains("none before it"), "{}", none.text);
    assert_eq!(
        audited(&host),
        ["plugin.back", "plugin.back", "plugin.load", "plugin.load"]
    );
    let table = host.run_text(&["plugin", "list"]).expect_exit(0).text;
    assert!(
        table.contains("MERCHANT") && table.contains("configuration: /"),
        "{table}"
    );
    assert!(
        !table.contains("bundled"),
        "the bundled shop decides nothing here: {table}"
    );

    host.stop();
    host.start_again().await;
    assert_eq!(
        processor(&host)["version"],
        "0.1.0",
        "the way back outlives a restart too"
    );
    let _ = host.acp().buy(ITEMS).await;
}

async fn a_host_that_is_killed_within_a_load_has_one_release_or_the_other() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let folder = TestFolder::new();
    let client = AdminClient::new(host.store_folder().join("admin.sock"));
    let mut expected = "0.1.0".to_owned();
    for round in 2..7_u64 {
        let version = format!("0.{round}.0");
        let operators = Operators {
            client: client.clone(),
            files: vec![release_file(folder.path(), PROCESSOR, &version)],
        };
        let request = operators.request(0);
        let sending = {
            let client = client.clone();
            tokio::spawn(async move { client.send(&request).await })
        };
        // Later in each round, so that the kill meets other steps of the load; the last one after its end.
        let sent = if round == 6 {
            Some(sending.await.unwrap().expect("the host loads it"))
        } else {
            wait_until("the host has begun to load", async || {
                let kept = host.store_folder().join("releases/components");
                let begun = std::fs::read_dir(kept).map_or(0, Iterator::count);
                begun + 1 >= usize::try_from(round).unwrap() || sending.is_finished() || round % 2 == 0
            })
            .await;
            None
        };
        host.kill();
        host.start_again().await;
        let found = processor(&host)["version"].as_str().unwrap().to_owned();
        assert!(
            found == expected || found == version,
            "{found} is neither {expected} nor {version}"
        );
        assert!(
            sent.is_none() || found == version,
            "what was answered is in force: {found}"
        );
        let _ = host.acp().buy(ITEMS).await;
        expected = found;
    }
}

async fn a_loaded_release_stands_over_another_configured_one_and_a_lost_copy_is_named() {
    let plan = fast_host()
        .merchant(Merchant::named("demo"))
        .merchant(Merchant::named("other"));
    let mut host = HostProcess::start(plan, &[]).await;
    let folder = TestFolder::new();
    let loaded = release_file(folder.path(), PROCESSOR, "0.2.0");
    let _ = load(&host, &loaded).expect_exit(0);
    host.stop();

    // The operator deploys another configured release: the loaded one stands, and is said to.
    let manifest = host.folder().join("sandbox-processor.toml");
    let deployed = std::fs::read_to_string(&manifest).unwrap().replace("0.1.0", "0.9.0");
    std::fs::write(&manifest, deployed).unwrap();
    host.start_again().await;
    let in_force = processor(&host);
    assert_eq!(
        (&in_force["version"], &in_force["source"]),
        (&"0.2.0".into(), &"loaded".into())
    );
    assert_eq!(in_force["configured"]["version"], "0.9.0");
    let table = host.run_text(&["plugin", "list"]).expect_exit(0).text;
    assert!(table.contains("was loaded over it and stands until"), "{table}");
    host.stop();

    let copies = host.store_folder().join("releases/components");
    for copy in std::fs::read_dir(&copies).unwrap() {
        std::fs::remove_file(copy.unwrap().path()).unwrap();
    }
    host.start_again().await;
    let list = host.run_json(&["plugin", "list"]).expect_exit(0).json;
    let out = list["out_of_service"].to_string();
    assert!(
        out.contains("demo") && out.contains("the release 0.2.0 that was loaded from"),
        "{out}"
    );
    let _ = host.acp_at("other").buy(ITEMS).await;
    let _ = host.acp().create(&Value::Null).await.expect(503);

    let back = host
        .run_json(&["plugin", "back", "--merchant", "demo", "--to-configured"])
        .expect_exit(0)
        .json;
    assert_eq!(
        (&back["now"]["source"], &back["before"]),
        (&"configuration".into(), &Value::Null)
    );
    let _ = host.acp().buy(ITEMS).await;
}
