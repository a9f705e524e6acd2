//! `tillhouse plugin load`, `list` and `back`: another release of a plugin in a running host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_payments::operator::served::{LoadPlugin, RevertPlugin};
use tillhouse_server::admin::AdminClient;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{CommandOutput, HostProcess};
use tillhouse_tests::{Merchant, Release, TestFolder, TestHost, component, release_file, workspace, write_release};

use crate::{each, fast_host, trial};

const PROCESSOR: &str = "sandbox-processor";
const ITEMS: &[(&str, u32)] = &[("tee-classic", 1)];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "releases::a_loaded_release_outlives_restarts_and_goes_back_one_by_one",
            a_loaded_release_outlives_restarts_and_goes_back_one_by_one,
        ),
        trial(
            "releases::no_request_and_no_payment_fails_while_releases_are_loaded",
            no_request_and_no_payment_fails_while_releases_are_loaded,
        ),
        trial(
            "releases::what_a_start_would_refuse_is_refused_and_changes_nothing",
            what_a_start_would_refuse_is_refused_and_changes_nothing,
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

    host.stop();
    host.start_again().await;
    assert_eq!(
        processor(&host)["version"],
        "0.1.0",
        "the way back outlives a restart too"
    );
    let _ = host.acp().buy(ITEMS).await;
}

/// Requests of operators to a host in this process.
struct Operators {
    client: AdminClient,
    files: Vec<PathBuf>,
}

impl Operators {
    fn request(&self, round: usize) -> LoadPlugin {
        let file = &self.files[round];
        LoadPlugin {
            merchant: MerchantId::new("demo"),
            component: std::fs::read(file).unwrap(),
            file: text(file).to_owned(),
            manifest: std::fs::read_to_string(file.with_extension("toml")).unwrap(),
            manifest_name: "plugin.toml".to_owned(),
            actor: "ada".to_owned(),
        }
    }

    async fn back(&self) -> String {
        let request = RevertPlugin {
            merchant: MerchantId::new("demo"),
            plugin: None,
            to_configured: false,
            actor: "ada".to_owned(),
        };
        self.client
            .send(&request)
            .await
            .expect("the host goes back")
            .now
            .version
    }
}

async fn no_request_and_no_payment_fails_while_releases_are_loaded() {
    let host = TestHost::builder()
        .slow_card_delay(Duration::from_millis(800))
        .start()
        .await;
    let host = Arc::new(host);
    let folder = TestFolder::new();
    let operators = Operators {
        client: AdminClient::new(host.store_folder().join("admin.sock")),
        files: (2..5)
            .map(|number| release_file(folder.path(), PROCESSOR, &format!("0.{number}.0")))
            .collect(),
    };
    let (over, bought) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    // One of the buyers pays with a card that the acquirer takes long for: its payments are in flight while releases change.
    let buyers: Vec<_> = ["pm_card_visa", "pm_card_visa", "pm_card_slow"]
        .into_iter()
        .map(|card| {
            let (host, over, bought) = (Arc::clone(&host), Arc::clone(&over), Arc::clone(&bought));
            tokio::spawn(async move {
                let agent = host.acp(Release::V2026_04_17);
                while !over.load(Ordering::Relaxed) {
                    let session = agent.ready(ITEMS).await;
                    let token = host.token_of(card, session.total("total")).await;
                    let paid = agent.complete(session.id(), &token).await;
                    let _ = paid.expect(200).is("completed");
                    bought.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let purchase = async || {
        let before = bought.load(Ordering::Relaxed);
        wait_until("a purchase completes", async || bought.load(Ordering::Relaxed) > before).await;
    };
    for round in 0..operators.files.len() {
        purchase().await;
        let loaded = operators
            .client
            .send(&operators.request(round))
            .await
            .expect("the host loads it");
        assert_eq!(loaded.now.version, format!("0.{}.0", round + 2));
    }
    // Two at once: one after the other, and each says what it replaced.
    let (first, second) = (operators.request(0), operators.request(1));
    let both = tokio::join!(operators.client.send(&first), operators.client.send(&second));
    let (first, second) = (both.0.unwrap(), both.1.unwrap());
    let (one, other) = (first.before.unwrap().version, second.before.unwrap().version);
    assert!(
        (one == "0.4.0" && other == "0.2.0") || (other == "0.4.0" && one == "0.3.0"),
        "{one} {other}"
    );
    purchase().await;
    operators.back().await;
    assert_eq!(operators.back().await, "0.4.0");
    purchase().await;
    over.store(true, Ordering::Relaxed);
    for buyer in buyers {
        buyer.await.expect("every purchase completes");
    }
    assert_eq!(
        host.charges() as u64,
        bought.load(Ordering::Relaxed),
        "one charge per purchase"
    );
}

async fn what_a_start_would_refuse_is_refused_and_changes_nothing() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let folder = TestFolder::new();
    let good = release_file(folder.path(), PROCESSOR, "0.2.0");
    let manifest = std::fs::read_to_string(good.with_extension("toml")).unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let write = |name: &str, bytes: &[u8], manifest: &str| write_release(folder.path(), name, bytes, manifest);
    let cases = [
        (write("half", &bytes[..bytes.len() / 2], &manifest), "not valid"),
        (write("text", b"no component", &manifest), "not WebAssembly"),
        (write("core", b"\0asm\x01\0\0\0", &manifest), "core module"),
        (write("older", &bytes, &manifest.replace("@0.2", "@0.1")), "plugin.api"),
        (
            write("stranger", &bytes, &manifest.replace(PROCESSOR, "stranger")),
            "has no plugin stranger of its own; it has reference-shop, sandbox-processor",
        ),
        (
            write(
                "upstream",
                &bytes,
                &format!("{manifest}\n[[upstream]]\nname = \"elsewhere\"\n"),
            ),
            "upstreams.elsewhere",
        ),
        (
            write(
                "secret",
                &bytes,
                &manifest.replace("[\"api_key\"]", "[\"api_key\", \"master_key\"]"),
            ),
            "not granted: upstream acquirer: secret master_key",
        ),
        (
            write("slot", &bytes, &manifest.replace("\"eci\"]", "\"eci\", \"cvc\"]")),
            "not granted: upstream acquirer: credential slot cvc",
        ),
        (
            write(
                "provides",
                &bytes,
                &format!("{manifest}\n[provides]\ncapabilities = [\"tax\"]\n"),
            ),
            "use the manifest that belongs to the component",
        ),
        (
            // The shop is configured for what it decides, which the processor's component does not.
            write("taken", &std::fs::read(component("reference-shop")).unwrap(), &manifest),
            "only one plugin may serve a capability",
        ),
    ];
    for (file, why) in cases {
        let refused = load(&host, &file).expect_exit(1);
        assert!(
            refused.text.contains(why),
            "{}: expected {why:?} in {}",
            file.display(),
            refused.text
        );
        assert_eq!(refused.json["ok"], false);
        assert_eq!(processor(&host)["version"], "0.1.0", "{}", file.display());
    }
    let schema = workspace().join("plugins/sandbox-processor/config.schema.json");
    let strict = std::fs::read_to_string(schema)
        .unwrap()
        .replace("notice-secret", "other-secret");
    std::fs::write(folder.path().join("config.schema.json"), strict).unwrap();
    let named = format!("{manifest}\n[config]\nschema = \"config.schema.json\"\n");
    let file = folder.write("schema.wasm", &bytes);
    folder.write("schema.toml", named);
    let refused = load(&host, &file).expect_exit(1);
    assert!(refused.text.contains("notice-secret"), "{}", refused.text);

    let usage = load(&host, &folder.path().join("nowhere.wasm")).expect_exit(2);
    assert!(usage.text.contains("is not a file"), "{}", usage.text);
    let absent = host
        .run_json(&["plugin", "load", text(&good), "--merchant", "nobody"])
        .expect_exit(1);
    assert!(absent.text.contains("there is no merchant nobody"), "{}", absent.text);
    assert!(audited(&host).is_empty(), "nothing was changed");
    assert!(!host.store_folder().join("releases/merchants/demo.json").exists());
    host.stop();
    host.start_again().await;
    assert_eq!(processor(&host)["version"], "0.1.0");
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
