//! What an operator reads of a catalog, and of a file before it is one.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_tests::process::{CommandOutput, HostProcess, tillhouse};

use super::imports::import;
use super::{HEADER, ITEMS, catalog, merchant, plan, price};
use crate::{each, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "catalogs::an_operator_imports_a_catalog_and_reads_it",
            an_operator_imports_a_catalog_and_reads_it,
        ),
        trial(
            "catalogs::a_file_is_checked_without_a_host",
            a_file_is_checked_without_a_host,
        ),
    ]
}

fn catalog_command(host: &HostProcess, words: &[&str]) -> Value {
    let words = [&["catalog"], words, &["--merchant", "demo"]].concat();
    host.run_json(&words).expect_exit(0).json
}

/// The same for people.
fn catalog_text(host: &HostProcess, words: &[&str]) -> CommandOutput {
    host.run_text(&[&["catalog"], words, &["--merchant", "demo"]].concat())
}

async fn an_operator_imports_a_catalog_and_reads_it() {
    let plan = plan(0).merchant(merchant("demo").without_catalog_file());
    let mut host = HostProcess::start(plan, &[]).await;
    assert_eq!(host.run_json(&["catalog", "status"]).json["catalogs"], json!([]));
    let empty = catalog_command(&host, &["list"]);
    assert_eq!((&empty["version"], &empty["items"]), (&Value::Null, &json!([])));

    let whole = format!("{}tape,A Tape,5.00 USD,in_stock,2,digital\n", catalog("10.00", 5));
    let imported = import(&host, &whole, &[]).expect_exit(0).json;
    assert_eq!(
        (&imported["changed"], &imported["now"]["version"]),
        (&true.into(), &1.into())
    );
    assert_eq!(
        (&imported["rows"]["imported"], &imported["items_before"]),
        (&2.into(), &Value::Null)
    );
    assert!(imported["stock"]["rule"].to_string().contains("stay subtracted"));
    let _ = host.acp().buy(ITEMS).await;
    let same = import(&host, &whole, &[]).expect_exit(0).json;
    assert_eq!((&same["changed"], &same["now"]["version"]), (&false.into(), &1.into()));

    // One item more; then the file is the whole catalog again.
    let one = format!("{HEADER}disc,A Disc,12.00 USD,in_stock,,digital\n");
    let added = import(&host, &one, &["--mode", "upsert"]).expect_exit(0).json;
    assert_eq!((&added["now"]["items"], &added["rows"]["gone"]), (&3.into(), &0.into()));
    let listed = catalog_command(&host, &["list", "--limit", "2"]);
    assert_eq!(each(&listed["items"], "id"), ["disc", "song"]);
    assert_eq!((&listed["next"], &listed["of"]), (&"song".into(), &3.into()));
    let rest = catalog_command(&host, &["list", "--after", "song"]);
    assert_eq!(
        (each(&rest["items"], "id"), &rest["next"]),
        (vec!["tape"], &Value::Null)
    );
    let found = catalog_command(&host, &["list", "--text", "a d", "--where", "inventory_quantity="]);
    assert_eq!(each(&found["items"], "id"), ["disc"]);

    let shown = catalog_command(&host, &["show", "tape"]);
    assert_eq!((&shown["line"], &shown["version"]), (&3.into(), &2.into()));
    assert!(
        shown["cells"]
            .as_array()
            .unwrap()
            .contains(&json!({"column": "price", "value": "5.00 USD"}))
    );
    assert!(
        !shown["problems"].as_array().unwrap().is_empty(),
        "Stripe wants more columns"
    );
    let absent = host.run_json(&["catalog", "show", "disc", "--merchant", "demo", "--at", "1"]);
    assert!(
        absent
            .expect_exit(1)
            .text
            .contains("version 1 of the catalog of demo has no item disc")
    );
    let earlier = catalog_command(&host, &["list", "--at", "1"]);
    assert_eq!(each(&earlier["items"], "id"), ["song", "tape"]);

    let exported = host.folder().join("export.tsv");
    let to = exported.to_str().unwrap();
    let _ = catalog_text(&host, &["export", "--to", to, "--format", "tsv"]).expect_exit(0);
    let text = std::fs::read_to_string(&exported).unwrap();
    assert!(text.starts_with("id\t") && text.lines().count() == 4, "{text}");
    let again = import(&host, &text, &[]).expect_exit(0).json;
    assert_eq!(
        (&again["rows"]["changed"], &again["rows"]["gone"]),
        (&0.into(), &0.into()),
        "what was exported is what is in force"
    );
    assert!(
        catalog_text(&host, &["export", "--to", to])
            .expect_exit(1)
            .text
            .contains("exists")
    );

    let history = catalog_command(&host, &["history"]);
    let modes = [0, 1, 2].map(|place| history["versions"][place]["mode"].clone());
    assert_eq!(modes, ["replace", "upsert", "replace"]);
    assert!(history["versions"][1]["until"].is_string() && history["versions"][0]["until"].is_null());
    let audit = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert!(
        each(&audit["records"], "action").contains(&"catalog.import"),
        "{audit:#}"
    );

    // Without a host the command works on the store; a start finds what it has imported.
    host.stop();
    assert_eq!(
        import(&host, &catalog("15.00", 5), &["--incomplete"])
            .expect_exit(0)
            .json["now"]["items"],
        1
    );
    assert_eq!(catalog_command(&host, &["list"])["version"], 4);
    host.start_again().await;
    assert_eq!(price(&host).await, 1500);
    for words in [&["list"][..], &["show", "song"], &["history"]] {
        assert!(
            catalog_text(&host, words).expect_exit(0).text.contains(' '),
            "{words:?}"
        );
    }
}

async fn a_file_is_checked_without_a_host() {
    let folder = tillhouse_tests::TestFolder::new();
    let errors = folder.path().join("errors.csv");
    let check = |content: &[u8], more: &[&str]| {
        let path = folder.path().join("file.csv");
        std::fs::write(&path, content).unwrap();
        let words = [
            "catalog",
            "check",
            path.to_str().unwrap(),
            "--errors",
            errors.to_str().unwrap(),
        ];
        tillhouse(&[&words, more].concat())
    };
    let good = check(catalog("1.00", 1).as_bytes(), &["--json"]).expect_exit(0).json;
    assert_eq!((&good["ok"], &good["rows"]["items"]), (&true.into(), &1.into()));
    assert_eq!(good["file"]["encoding"], "utf-8");
    let strict = check(catalog("1.00", 1).as_bytes(), &["--strict"]).expect_exit(1);
    assert!(strict.text.contains("the file would be refused"), "{}", strict.text);
    let bad = format!("{}song,B,1.00 USD,maybe,1,digital\n", catalog("1.00", 1));
    let refused = check(bad.as_bytes(), &[]).expect_exit(1);
    assert!(
        refused.text.contains("line 3: column availability \"maybe\""),
        "{}",
        refused.text
    );
    assert!(std::fs::read_to_string(&errors).unwrap().contains("maybe"));
    let windows = "id,title,price,availability\ncafe,Caf\u{e9},1.00 EUR,in_stock\n";
    let windows: Vec<u8> = windows
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let guessed = check(&windows, &["--json"]).expect_exit(0).json;
    assert_eq!(
        (&guessed["file"]["encoding"], &guessed["file"]["encoding_guessed"]),
        (&"windows-1252".into(), &true.into())
    );
    let wrong = check(b"", &[]).expect_exit(1);
    assert!(wrong.text.contains("the file is empty"), "{}", wrong.text);
}
