//! `plugin check`: one mistake of each kind, with the place and the fix in its diagnostic.

use libtest_mimic::Trial;
use tillhouse_tests::process::CommandOutput;

use crate::author::{Author, diagnostic, diagnostic_places};
use crate::components::{EGRESS, FULFILLMENT, MANIFEST, PAYMENTS, PRICING, empty_component, release};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("check::a_core_module_is_not_a_component", core_module),
        trial("check::another_version_of_the_contract_is_named", contract),
        trial(
            "check::a_component_without_exports_is_an_error_with_help",
            no_capability,
        ),
        trial("check::all_unsupported_imports_are_named", imports),
        trial(
            "check::requests_without_an_upstream_are_an_error_with_the_lines_to_add",
            egress,
        ),
        trial("check::a_charge_without_slots_is_an_error_with_the_line_to_add", slots),
        trial("check::every_error_of_a_manifest_is_reported_with_its_line", manifest),
        trial("check::a_missing_manifest_is_an_error_with_its_text", no_manifest),
        trial(
            "check::invalid_utf_8_is_reported_with_its_line_and_not_as_missing",
            not_utf_8,
        ),
        trial(
            "check::a_request_without_permission_names_the_functions_that_may_send",
            may_not_send,
        ),
        trial("check::an_error_in_a_plugin_of_the_template_is_reported", broken),
    ]
}

fn is_about_manifest(output: &CommandOutput) -> bool {
    diagnostic_places(&output.json)
        .iter()
        .any(|place| place.starts_with("plugin.toml"))
}

fn core_module() {
    let author = release("core-module", &wat::parse_str("(module)").unwrap(), MANIFEST);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (what, fix) = diagnostic(&output, "acme.wasm");
    assert!(
        what.contains("core module") && fix.contains("tillhouse plugin build"),
        "{what}: {fix}"
    );
    let plain = author.run(&["plugin", "check", "acme.wasm"]).expect_exit(1);
    assert!(plain.text.contains("acme.wasm: it is a core module"), "{}", plain.text);
    assert!(plain.text.contains("1 problem"), "{}", plain.text);
}

fn contract() {
    let author = release(
        "contract",
        &empty_component(&[], &["tillhouse:merchant/pricing@0.1.0"]),
        MANIFEST,
    );
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (what, fix) = diagnostic(&output, "acme.wasm");
    assert!(
        what.contains("pricing@0.1.0") && what.contains("tillhouse:merchant@0.2"),
        "{what}"
    );
    assert!(fix.contains("tillhouse-plugin 0.2"), "{fix}");
    assert_eq!(
        diagnostic_places(&output.json).len(),
        1,
        "one mistake gives one diagnostic: {}",
        output.text
    );
}

fn no_capability() {
    let author = release("no-capability", &empty_component(&[], &[]), MANIFEST);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    assert!(
        diagnostic(&output, "acme.wasm").1.contains("export!(Shop: pricing)"),
        "{}",
        output.text
    );
}

fn imports() {
    let component = empty_component(
        &["wasi:http/outgoing-handler@0.2.0", "wasi:sockets/tcp@0.2.0"],
        &[PRICING],
    );
    let author = release("imports", &component, MANIFEST);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    assert_eq!(diagnostic_places(&output.json), ["acme.wasm", "acme.wasm"]);
    let (what, fix) = diagnostic(&output, "acme.wasm");
    assert!(
        what.contains("wasi:http/outgoing-handler") && what.contains("reqwest"),
        "{what}"
    );
    assert!(fix.contains("tillhouse:host/egress"), "{fix}");
}

fn egress() {
    let author = release("egress", &empty_component(&[EGRESS], &[FULFILLMENT]), MANIFEST);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (what, fix) = diagnostic(&output, "plugin.toml");
    assert!(
        what.contains("tillhouse:host/egress") && fix.contains("[[upstream]]\nname = "),
        "{what}: {fix}"
    );
    let lines = fix.split_once('\n').unwrap().1;
    author.write("plugin.toml", format!("{MANIFEST}{lines}"));
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]);
    assert!(
        !is_about_manifest(&output),
        "the suggested lines fix it: {}",
        output.text
    );
}

fn slots() {
    let manifest = format!("{MANIFEST}\n[[upstream]]\nname = \"bank\"\nsecrets = [\"api_key\"]\n");
    let author = release("slots", &empty_component(&[EGRESS], &[PAYMENTS]), &manifest);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (what, fix) = diagnostic(&output, "plugin.toml:6");
    assert!(what.contains("charges"), "{what}");
    let line = fix.split_once('\n').unwrap().1;
    author.write("plugin.toml", format!("{manifest}{line}"));
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]);
    assert!(
        !is_about_manifest(&output),
        "the suggested line fixes it: {}",
        output.text
    );
}

fn manifest() {
    let text = "[plugin]\nid = \"Acme\"\nversion = 1\napi = \"tillhouse:merchant@0.2\"\ncolour = \"red\"\n";
    let author = release("manifest", &empty_component(&[], &[PRICING]), text);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    assert!(diagnostic(&output, "plugin.toml:2").0.contains("lower-case"));
    assert!(diagnostic(&output, "plugin.toml:3").1.contains("string in quotes"));
    let (what, fix) = diagnostic(&output, "plugin.toml:5");
    assert!(
        what.contains("plugin.colour") && fix.contains("id, version, api, description"),
        "{what}: {fix}"
    );
    author.write("acme.toml", "[plugin\n");
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    assert!(
        diagnostic(&output, "acme.toml:1").1.contains("TOML"),
        "the manifest named like the component takes precedence"
    );
}

fn no_manifest() {
    let author = Author::of("no-manifest");
    author.write("acme.wasm", empty_component(&[], &[PRICING]));
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (_, fix) = diagnostic(&output, "plugin.toml");
    author.write("plugin.toml", fix.split_once('\n').unwrap().1);
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]);
    assert!(
        !is_about_manifest(&output),
        "the suggested manifest is valid: {}",
        output.text
    );
}

/// A text with a letter encoded in Latin-1, which is not valid UTF-8.
fn latin_1(before: &str, after: &str) -> Vec<u8> {
    [before.as_bytes(), &[0xe9], after.as_bytes()].concat()
}

fn not_utf_8() {
    let author = release("not-utf-8", &empty_component(&[], &[PRICING]), MANIFEST);
    author.write(
        "plugin.toml",
        latin_1(&format!("{MANIFEST}description = \"Caf"), "\"\n"),
    );
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    let (what, fix) = diagnostic(&output, "plugin.toml:5");
    assert!(what.contains("not UTF-8") && fix.contains("UTF-8"), "{what}: {fix}");
    assert!(
        !output.text.contains("manifest is missing") && !output.text.contains("create it"),
        "{}",
        output.text
    );

    author.write("plugin.toml", MANIFEST);
    author.write("default-config.toml", latin_1("# A\ntitle = \"Caf", "\"\n"));
    let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
    assert!(
        diagnostic(&output, "default-config.toml:2").0.contains("not UTF-8"),
        "{}",
        output.text
    );
}

fn may_not_send() {
    let manifest = format!("{MANIFEST}\n[[upstream]]\nname = \"bank\"\n");
    for manifest in [MANIFEST, &manifest] {
        let author = release("may-not-send", &empty_component(&[EGRESS], &[PRICING]), manifest);
        let output = author.run(&["plugin", "check", "acme.wasm", "--json"]).expect_exit(1);
        let (what, fix) = diagnostic(&output, "acme.wasm");
        assert!(what.contains("none of its functions may send requests"), "{what}");
        assert!(
            what.contains("fulfillment.options") && what.contains("risk.assess"),
            "{what}"
        );
        assert!(
            !what.contains("pricing.price") && !fix.contains("[[upstream]]"),
            "{what}: {fix}"
        );
    }
}

/// Mistakes in the files around a component; the component is built once.
fn broken() {
    let author = Author::with_plugin("broken", &["fulfillment"]);
    let check = || author.run(&["plugin", "check", "--json"]);
    let _ = check().expect_exit(0);

    author.edit("plugin.toml", "[\"fulfillment\"]", "[\"fulfillment\", \"tax\"]");
    author.edit(
        "default-config.toml",
        "shipping-price = 599",
        "shipping-price = \"5.99\"",
    );
    author.edit("default-config.toml", "\"CA\"]", "\"CA\"]\ncolour = \"red\"");
    let output = check().expect_exit(1);
    let (what, fix) = diagnostic(&output, "plugin.toml:8");
    assert!(
        what.contains("tax is listed as provided") && fix.contains("export!"),
        "{what}: {fix}"
    );
    let (what, _) = diagnostic(&output, "default-config.toml:2");
    assert!(what.contains("shipping-price") && what.contains("integer"), "{what}");
    assert_eq!(
        diagnostic_places(&output.json).len(),
        3,
        "all mistakes are reported at once: {}",
        output.text
    );
    assert!(output.text.contains("colour"), "{}", output.text);

    author.edit("plugin.toml", ", \"tax\"]", "]");
    author.edit("config.schema.json", "\"integer\"", "\"whole\"");
    let output = check().expect_exit(1);
    let place = "config.schema.json#/properties/shipping-price/type";
    let place = diagnostic_places(&output.json)
        .into_iter()
        .find(|it| it.starts_with(&place[..30]));
    assert!(place.is_some(), "{}", output.text);

    author.edit("config.schema.json", "\"whole\",", "\"whole\"");
    let output = check().expect_exit(1);
    let place = diagnostic_places(&output.json)
        .into_iter()
        .find(|it| it.starts_with("config.schema.json:"));
    assert!(
        diagnostic(&output, place.unwrap()).0.contains("invalid JSON"),
        "{}",
        output.text
    );

    author.edit("plugin.toml", "config.schema.json", "schema.json");
    let output = check().expect_exit(1);
    assert!(
        diagnostic(&output, "plugin.toml:12")
            .0
            .contains("schema.json does not exist"),
        "{}",
        output.text
    );

    author.edit("plugin.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
    assert!(diagnostic(&check(), "plugin.toml:4").1.contains("0.1.0"));
}
