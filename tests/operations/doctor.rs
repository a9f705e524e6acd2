//! Findings of `tillhouse doctor`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use libtest_mimic::Trial;
use tillhouse_tests::Merchant;
use tillhouse_tests::process::{CommandOutput, HostProcess};

use crate::{fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "doctor::a_mistake_is_reported_with_its_fix",
            a_mistake_is_reported_with_its_fix,
        ),
        trial(
            "doctor::a_merchant_that_is_out_of_service_is_named_with_everything_that_is_wrong",
            a_merchant_that_is_out_of_service_is_named_with_everything_that_is_wrong,
        ),
    ]
}

/// The findings of a check, as `level finding`.
fn findings(output: &CommandOutput, check: &str) -> Vec<String> {
    let all = output.json["checks"]
        .as_array()
        .expect("the output has an array `checks`");
    let of = all.iter().filter(|it| it["check"] == check);
    of.map(|it| format!("{} {}", it["level"].as_str().unwrap(), it["finding"].as_str().unwrap()))
        .collect()
}

/// Assert that no check failed, except that of the machine's disk, which is not under test.
fn expect_well(output: &CommandOutput) {
    let all = output.json["checks"]
        .as_array()
        .expect("the output has an array `checks`");
    let failed: Vec<_> = all
        .iter()
        .filter(|it| it["level"] == "fail" && it["check"] != "disk")
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn a_mistake_is_reported_with_its_fix() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let well = host.run_json(&["doctor"]);
    expect_well(&well);
    assert!(findings(&well, "host")[0].contains("is running since"), "{}", well.text);
    assert!(
        findings(&well, "store").iter().any(|it| it.contains("intact")),
        "{}",
        well.text
    );
    let plugins = findings(&well, "plugins");
    assert!(
        plugins
            .iter()
            .any(|it| it.starts_with("ok merchant demo: reference-shop")),
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
    let output = host.run_json(&["doctor"]).expect_exit(1);
    assert!(
        findings(&output, "store")
            .iter()
            .any(|it| it.starts_with("fail") && it.contains("accessible to others"))
    );
    open(0o700);

    host.stop();
    let alone = host.run_json(&["doctor"]);
    expect_well(&alone);
    assert_eq!(findings(&alone, "host"), ["ok not running"]);
    let database = host.store_folder().join("tillhouse.db");
    let whole = std::fs::read(&database).unwrap();
    let mut damaged = whole.clone();
    let end = damaged.len() - 4096;
    damaged[4096..end].fill(0x5a);
    std::fs::write(&database, damaged).unwrap();
    let output = host.run_json(&["doctor"]).expect_exit(1);
    assert!(
        findings(&output, "store").iter().any(|it| it.starts_with("fail")),
        "{}",
        output.text
    );
    std::fs::write(&database, whole).unwrap();

    host.configure("server.max_connections = 1000000");
    let output = host.run_json(&["doctor"]);
    let files = findings(&output, "open files");
    assert!(files[0].contains("open files"), "{}", output.text);

    host.configure("server.max_connections = 0\nserver.colour = 1");
    let output = host.run_json(&["doctor"]).expect_exit(1);
    let wrong = findings(&output, "configuration");
    assert_eq!(wrong.len(), 2, "{wrong:#?}");
}

async fn a_merchant_that_is_out_of_service_is_named_with_everything_that_is_wrong() {
    let bad = "id,title,price,availability\n,,,\nx,X,1.005 USD,in_stock\n";
    let plan = fast_host()
        .merchant(Merchant::named("good"))
        .merchant(Merchant::named("bad").catalog(bad));
    let mut host = HostProcess::start(plan, &[]).await;

    // Before it is started.
    host.stop();
    let named = |output: &CommandOutput| {
        let plugins = findings(output, "plugins");
        let has = |words: &[&str]| plugins.iter().any(|it| words.iter().all(|word| it.contains(word)));
        assert!(
            has(&["fail merchants.bad.catalog: ", "bad.csv: line 3: column price"]),
            "{plugins:#?}"
        );
        assert!(
            has(&["fail merchant bad: out of service", "the others are served"]),
            "{plugins:#?}"
        );
        assert!(has(&["ok merchant good: reference-shop"]), "{plugins:#?}");
    };
    named(&host.run_json(&["doctor"]).expect_exit(1));

    // And of the host that runs without it.
    host.start_again().await;
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    let _ = host
        .acp_at("bad")
        .retrieve("cs_1")
        .await
        .refused(503, "service_unavailable");
    let output = host.run_json(&["doctor"]).expect_exit(1);
    named(&output);
    let of_host = findings(&output, "host");
    let told =
        |it: &String| it.starts_with("fail merchant bad is out of service: ") && it.contains("line 3: column price");
    assert!(of_host.iter().any(told), "{of_host:#?}");
    let books = host.run_json(&["reconcile"]).json;
    let skipped = books["skipped"][0].to_string();
    assert!(
        skipped.contains("\"bad\"") && skipped.contains("out of service"),
        "{books:#}"
    );
    let log = String::from_utf8_lossy(&host.log()).into_owned();
    assert!(
        log.contains("out of service") && log.contains("line 3: column price"),
        "{log}"
    );
    let audit = host.run_json(&["audit", "list"]).expect_exit(0).text;
    assert!(audit.contains("out_of_service"), "{audit}");

    // What is wrong with its table has the line of the file.
    host.configure("[[merchants.bad.plugins]]\ncomponent = \"x.wasm\"\nconfig.price = 6.00");
    let output = host.run_json(&["doctor"]).expect_exit(1);
    let wrong = findings(&output, "configuration");
    let told = |it: &&String| it.contains("tillhouse.toml:") && it.contains("config.price: is 6.0");
    assert!(wrong.iter().any(|it| told(&it)), "{wrong:#?}");
    assert!(
        output.text.contains("write 600 (minor units of USD, an integer)"),
        "{}",
        output.text
    );
}
