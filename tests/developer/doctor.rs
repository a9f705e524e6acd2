//! `tillhouse doctor`: its checks of a plugin author's machine.

use libtest_mimic::Trial;
use tillhouse_tests::process::CommandOutput;
use tillhouse_tests::{component, workspace};
use toml::{Table, Value};

use crate::author::Author;
use crate::components::MANIFEST;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("doctor::the_toolchain_and_the_locked_sdk_are_looked_at", toolchain),
        trial(
            "doctor::a_host_refuses_a_manifest_that_its_component_does_not_keep",
            unkept,
        ),
    ]
}

fn finding(output: &CommandOutput, check: &str) -> (String, String) {
    let all = output.json["checks"].as_array().unwrap();
    let found = all.iter().find(|it| it["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no check {check}: {}", output.text));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("level"), text("finding"))
}

fn toolchain() {
    let author = Author::of("doctor");
    author.write(
        "Cargo.lock",
        "[[package]]\nname = \"tillhouse-plugin\"\nversion = \"0.2.3\"\n",
    );
    let output = author.run(&["doctor", "--json"]).expect_exit(0);
    assert_eq!(finding(&output, "target").0, "ok");
    assert!(finding(&output, "toolchain").1.starts_with("rustc "));
    assert!(
        finding(&output, "versions")
            .1
            .contains("contract tillhouse:merchant@0.2, wasmtime 48.")
    );
    assert!(finding(&output, "sdk").1.starts_with("tillhouse-plugin 0.2.3"));
    author.write(
        "Cargo.lock",
        "[[package]]\nname = \"tillhouse-plugin\"\nversion = \"0.1.0\"\n",
    );
    let output = author.run(&["doctor", "--json"]).expect_exit(1);
    let (level, finding) = finding(&output, "sdk");
    assert!(level == "fail" && finding.contains("another contract"), "{finding}");
}

fn unkept() {
    let author = Author::of("unkept");
    let shop = component("reference-shop");
    let shop = shop.to_str().unwrap();
    let provides = |capabilities: &str| {
        author.write(
            "shop.toml",
            format!("{MANIFEST}[provides]\ncapabilities = [{capabilities}]\n"),
        );
    };
    let config = std::fs::read_to_string(workspace().join("plugins/reference-shop/default-config.toml")).unwrap();
    let mut plugin: Table = format!("component = \"{shop}\"\nmanifest = \"shop.toml\"")
        .parse()
        .unwrap();
    plugin.insert("config".into(), Value::Table(config.parse().unwrap()));
    let mut host: Table =
        "server.listen = \"127.0.0.1:0\"\nstore.url = \"sqlite:store\"\n[merchants.acme]\ncurrency = \"usd\"\n\
                           acp.keys = [{ name = \"agent\", secret = \"key\" }]"
            .parse()
            .unwrap();
    let merchant = host["merchants"]["acme"].as_table_mut().unwrap();
    merchant.insert("plugins".into(), Value::Array(vec![Value::Table(plugin)]));
    author.write("tillhouse.toml", host.to_string());
    let plugins = || {
        let output = author.run(&["doctor", "--config", "tillhouse.toml", "--reference", shop, "--json"]);
        let all = output.json["checks"].as_array().unwrap().clone();
        let of = all.into_iter().filter(|it| it["check"] == "plugins");
        of.map(|it| it["finding"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    provides("\"pricing\"");
    assert!(
        plugins()[0].contains("provides.capabilities of the manifest is {\"pricing\"}"),
        "{:?}",
        plugins()
    );
    provides(
        "\"pricing\", \"pricing-redemption\", \"inventory\", \"fulfillment\", \"tax\", \"risk\", \"orders\", \"presentation\", \
         \"quoting\", \"lifecycle\"",
    );
    assert!(
        plugins()[0].starts_with("merchant acme: acme 1.0.0 decides pricing"),
        "{:?}",
        plugins()
    );
}
