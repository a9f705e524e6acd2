//! Promotions as an operator has them: imported, read, uploaded to Stripe, and in a backup.

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{CommandOutput, HostProcess, tillhouse};

use super::imports::import;
use super::{merchant, plan};
use crate::{each, trial};

const FEED: [&str; 2] = ["--feed", "promotion"];

const HEADER: &str =
    "promotion_id,title,active_period,benefit_type,percent_off,target_selection,target_ids,application_type\n";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "catalogs::promotions_are_imported_and_read_beside_the_items",
            promotions_are_imported_and_read_beside_the_items,
        ),
        trial(
            "catalogs::promotions_are_uploaded_and_refused_ones_are_named",
            promotions_are_uploaded_and_refused_ones_are_named,
        ),
    ]
}

/// A promotion of some items.
fn promotion(id: &str, targets: &str) -> String {
    format!(
        "{id},Sale,2026-05-01T00:00:00Z/2026-06-01T00:00:00Z,percent_off,20,specific_products,\"{targets}\",automatic\n"
    )
}

fn promotions(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(id, targets)| promotion(id, targets));
    rows.fold(HEADER.to_owned(), |all, row| all + &row)
}

fn of_catalog(host: &HostProcess, words: &[&str]) -> CommandOutput {
    host.run_json(&[&["catalog"], words, &["--merchant", "demo"], &FEED].concat())
}

fn of_feed(host: &HostProcess, words: &[&str]) -> CommandOutput {
    host.run_json(&[&["feed"], words, &FEED].concat())
}

async fn promotions_are_imported_and_read_beside_the_items() {
    let mut host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let none = of_catalog(&host, &["status"]).expect_exit(0).json;
    assert_eq!(none["catalogs"], Value::Array(Vec::new()));
    let bad = promotions(&[("spring", "song")]) + &promotion("", "song");
    let refused = import(&host, &bad, &FEED).expect_exit(1).json;
    assert_eq!(refused["problems"][0]["column"], "promotion_id", "{refused:#}");
    let counted = import(&host, &bad, &[&FEED[..], &["--stock-as-counted"]].concat()).expect_exit(2);
    assert!(counted.text.contains("no quantities"), "{}", counted.text);

    let good = promotions(&[("song", "song"), ("spring", "song,ghost")]);
    let imported = import(&host, &good, &FEED).expect_exit(0).json;
    assert_eq!(
        (&imported["now"]["version"], &imported["rows"]["imported"]),
        (&1.into(), &2.into())
    );
    assert_eq!(imported["problems"][0]["rule"], "target_unknown", "{imported:#}");
    let status = of_catalog(&host, &["status"]).expect_exit(0).json;
    let warning = status["catalogs"][0]["in_force"]["warnings"][0].to_string();
    assert!(warning.contains("spring") && warning.contains("ghost"), "{status:#}");

    let listed = of_catalog(&host, &["list", "--where", "percent_off=20"])
        .expect_exit(0)
        .json;
    assert_eq!(each(&listed["promotions"], "id"), ["song", "spring"]);
    let shown = of_catalog(&host, &["show", "spring"]).expect_exit(0).json;
    assert_eq!((&shown["line"], &shown["kind"]), (&3.into(), &"promotion".into()));
    assert_eq!(shown["problems"][0]["rule"], "target_unknown", "{shown:#}");
    let absent = of_catalog(&host, &["show", "fall"]).expect_exit(1);
    assert!(absent.text.contains("has no promotion fall"), "{}", absent.text);
    let items = host.run_json(&["catalog", "list", "--merchant", "demo"]).json;
    assert_eq!((each(&items["items"], "id"), &items["of"]), (vec!["song"], &1.into()));
    let table = host.run_text(&["catalog", "list", "--merchant", "demo", "--feed", "promotion"]);
    assert!(
        table.text.contains("PROMOTION") && table.text.contains("percent_off"),
        "{}",
        table.text
    );

    let exported = host.folder().join("promotions.csv");
    let _ = of_catalog(&host, &["export", "--to", exported.to_str().unwrap()]).expect_exit(0);
    let text = std::fs::read_to_string(&exported).unwrap();
    let again = import(&host, &text, &FEED).expect_exit(0).json;
    assert_eq!(again["changed"], false, "what was exported is what is in force: {text}");
    let gone = "promotion_id,delete\nsong,true\n";
    let changed = import(&host, gone, &[&FEED[..], &["--mode", "upsert"]].concat())
        .expect_exit(0)
        .json;
    assert_eq!(
        (&changed["now"]["items"], &changed["rows"]["gone"]),
        (&1.into(), &1.into())
    );
    let history = of_catalog(&host, &["history"]).expect_exit(0).json;
    let modes = [0, 1].map(|place| history["versions"][place]["mode"].clone());
    assert_eq!(modes, ["upsert", "replace"]);

    let copy = host.folder().join("copy.db");
    let copy = copy.to_str().unwrap();
    let _ = host.run_json(&["backup", copy]).expect_exit(0);
    host.stop();
    let restored = host.folder().join("restored");
    let _ = tillhouse(&["restore", copy, "--to", restored.to_str().unwrap()]).expect_exit(0);
    host.configure("store.url = \"sqlite:restored\"");
    let listed = of_catalog(&host, &["list"]).expect_exit(0).json;
    assert_eq!(
        (each(&listed["promotions"], "id"), &listed["version"]),
        (vec!["spring"], &2.into())
    );
}

async fn promotions_are_uploaded_and_refused_ones_are_named() {
    let feed = "feed = { transport = \"catalog_imports\", upload_hosts = [\"127.0.0.1\"] }";
    let host = HostProcess::start(plan(0).merchant(merchant("demo").set(feed)), &[]).await;
    let early = of_feed(&host, &["upload"]).expect_exit(1);
    assert!(early.text.contains("catalog import --feed promotion"), "{}", early.text);
    let _ = import(&host, &promotions(&[("fall", "song"), ("spring", "song")]), &FEED).expect_exit(0);
    let preview = of_feed(&host, &["preview"]).expect_exit(0).json;
    assert_eq!((&preview["sent"], &preview["feed"]), (&2.into(), &"promotion".into()));

    let stripe = &host.sandbox.stripe;
    stripe.fail_next_rows(&[("spring", "active_period: is over")]);
    let _ = of_feed(&host, &["upload"]).expect_exit(0);
    wait_for(&host, "succeeded_with_errors").await;
    let errors = of_feed(&host, &["errors"]).expect_exit(1).json;
    let error = &errors["errors"][0];
    assert_eq!(
        (&error["item"], &error["row"], &error["line"], &error["column"]),
        (&"spring".into(), &2.into(), &3.into(), &"active_period".into()),
        "{errors:#}"
    );
    let _ = import(
        &host,
        &promotions(&[("spring", "song")]),
        &[&FEED[..], &["--incomplete"]].concat(),
    );
    let _ = of_feed(&host, &["upload"]).expect_exit(0);
    wait_for(&host, "succeeded").await;
    assert_eq!(Vec::from_iter(stripe.catalog().promotions.into_keys()), ["spring"]);
    let history = of_feed(&host, &["history"]).expect_exit(0).json;
    assert_eq!(
        each(&history["uploads"], "status"),
        ["succeeded", "succeeded_with_errors"]
    );
    let other = host
        .run_json(&["feed", "history", "--feed", "product"])
        .expect_exit(0)
        .json;
    assert_eq!(other["uploads"], Value::Array(Vec::new()));
}

async fn wait_for(host: &HostProcess, status: &str) {
    wait_until(&format!("the upload has {status}"), async || {
        let found = of_feed(host, &["status"]).json;
        each(&found["uploads"], "status") == [status]
    })
    .await;
}
