//! Releases that are refused, for the reasons of a start.

use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{TestFolder, component, release_file, workspace, write_release};

use super::{PROCESSOR, audited, load, processor, text};
use crate::fast_host;

pub(super) async fn what_a_start_would_refuse_is_refused_and_changes_nothing() {
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
