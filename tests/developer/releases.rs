//! `plugin inspect` and `plugin diff`: the contents of a release, and the authority that it adds to the previous one.

use libtest_mimic::Trial;

use crate::author::Author;
use crate::components::{EGRESS, MANIFEST, PAYMENTS, PRICING, empty_component};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("inspect::a_component_is_shown_with_what_it_may_do", inspect),
        trial("inspect::a_file_that_is_not_a_component_is_refused", no_component),
        trial(
            "diff::a_manifest_that_cannot_be_read_is_a_mistake_and_not_none",
            diff_of_garbage,
        ),
        trial("diff::more_authority_needs_approval_and_less_does_not", diff),
    ]
}

fn two_releases(name: &str) -> Author {
    let author = Author::of(name);
    author.write("old/acme.wasm", empty_component(&[], &[PRICING]));
    author.write("old/plugin.toml", MANIFEST);
    author.write("new/acme.wasm", empty_component(&[EGRESS], &[PRICING, PAYMENTS]));
    let asks = "[[upstream]]\nname = \"bank\"\nhosts = [\"bank.example\"]\nsecrets = [\"key\"]\ncredential_slots = [\"number\"]\n";
    author.write("new/plugin.toml", format!("{MANIFEST}{asks}"));
    author
}

fn inspect() {
    let author = Author::of("inspect");
    author.write(
        "acme.wasm",
        empty_component(&[EGRESS, "wasi:io/poll@0.2.6"], &[PAYMENTS]),
    );
    author.write(
        "acme.toml",
        format!("{MANIFEST}[[upstream]]\nname = \"bank\"\nsecrets = [\"key\"]\n"),
    );
    let output = author.run(&["plugin", "inspect", "acme.wasm", "--json"]).expect_exit(0);
    let it = &output.json;
    assert_eq!(
        (it["id"].as_str(), it["version"].as_str()),
        (Some("acme"), Some("1.0.0"))
    );
    assert_eq!(it["contract"], "tillhouse:merchant@0.2.0");
    assert_eq!(it["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(it["capabilities"][0], "payments");
    assert_eq!(it["imports"][0]["import"], EGRESS);
    assert!(it["imports"][0]["gives"].as_str().unwrap().contains("upstreams"));
    assert!(it["imports"][1]["gives"].as_str().unwrap().starts_with("nothing"));
    let asks: Vec<&str> = it["asks_for"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it.as_str())
        .collect();
    assert_eq!(
        asks,
        ["upstream bank", "upstream bank: any host", "upstream bank: secret key"]
    );
    let plain = author.run(&["plugin", "inspect", "acme.wasm"]).expect_exit(0);
    assert!(
        plain.text.contains("1 of wasi: nothing") && !plain.text.contains('\x1b'),
        "{}",
        plain.text
    );
}

fn no_component() {
    let author = Author::of("inspect-nothing");
    author.write("notes.txt", "no component");
    let output = author.run(&["plugin", "inspect", "notes.txt", "--json"]).expect_exit(1);
    assert_eq!(output.json["error"]["message"], "this is not WebAssembly");
}

fn diff_of_garbage() {
    let author = two_releases("releases-unread");
    author.write("new/plugin.toml", format!("{MANIFEST}[[upstream]]\nnam = \"bank\"\n"));
    let output = author
        .run(&["plugin", "diff", "old/acme.wasm", "new/acme.wasm", "--json"])
        .expect_exit(1);
    assert!(
        output.json["problems"][0]["place"]
            .as_str()
            .unwrap()
            .starts_with("plugin.toml:"),
        "{}",
        output.text
    );
    assert!(output.json.get("needs_approval").is_none(), "{}", output.text);
}

fn diff() {
    let author = two_releases("releases");
    let output = author
        .run(&["plugin", "diff", "old/acme.wasm", "new/acme.wasm", "--json"])
        .expect_exit(0);
    assert_eq!(output.json["needs_approval"], true);
    assert_eq!(output.json["exports"]["added"][0], PAYMENTS);
    assert_eq!(output.json["imports"]["added"][0], EGRESS);
    let added = output.json["authority"]["added"].as_array().unwrap();
    assert!(
        added.iter().any(|it| it == "upstream bank: credential slot number"),
        "{added:?}"
    );
    let back = author
        .run(&["plugin", "diff", "new/acme.wasm", "old/acme.wasm", "--json"])
        .expect_exit(0);
    assert_eq!(back.json["needs_approval"], false);
    assert_eq!(back.json["authority"]["removed"].as_array(), Some(added));
    let plain = author
        .run(&["plugin", "diff", "old/acme.wasm", "new/acme.wasm"])
        .expect_exit(0);
    assert!(plain.text.contains("an operator has to approve it"), "{}", plain.text);
    assert!(plain.text.contains("+ upstream bank: secret key"), "{}", plain.text);
}
