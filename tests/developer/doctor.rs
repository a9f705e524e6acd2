//! What the doctor sees of a machine that plugins are written on.

use libtest_mimic::Trial;
use tillhouse_tests::process::Said;

use crate::author::Author;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "doctor::the_toolchain_and_the_locked_sdk_are_looked_at",
        toolchain,
    )]
}

fn finding(said: &Said, check: &str) -> (String, String) {
    let all = said.json["checks"].as_array().unwrap();
    let found = all.iter().find(|it| it["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check}: {}", said.text));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("level"), text("finding"))
}

fn toolchain() {
    let author = Author::of("doctor");
    author.write(
        "Cargo.lock",
        "[[package]]\nname = \"tillhouse-plugin\"\nversion = \"0.1.3\"\n",
    );
    let said = author.says(&["doctor", "--json"]).exits(0);
    assert_eq!(finding(&said, "target").0, "ok");
    assert!(finding(&said, "toolchain").1.starts_with("rustc "));
    assert!(
        finding(&said, "versions")
            .1
            .contains("contract tillhouse:merchant@0.1, wasmtime 48.")
    );
    assert!(finding(&said, "sdk").1.starts_with("tillhouse-plugin 0.1.3"));
    author.write(
        "Cargo.lock",
        "[[package]]\nname = \"tillhouse-plugin\"\nversion = \"0.2.0\"\n",
    );
    let said = author.says(&["doctor", "--json"]).exits(1);
    let (level, finding) = finding(&said, "sdk");
    assert!(level == "fail" && finding.contains("another contract"), "{finding}");
}
