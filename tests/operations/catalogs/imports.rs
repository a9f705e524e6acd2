//! Files that an operator imports into a catalog.

use std::path::PathBuf;

use libtest_mimic::Trial;
use rusqlite::Connection;
use serde_json::Value;
use tillhouse_tests::process::{CommandOutput, HostProcess};

use super::{HEADER, ITEMS, catalog, merchant, plan, price, status};
use crate::trial;

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "catalogs::increments_change_what_is_there_and_unknown_items_are_named",
            increments_change_what_is_there_and_unknown_items_are_named,
        ),
        trial(
            "catalogs::refused_rows_are_reported_and_written_out",
            refused_rows_are_reported_and_written_out,
        ),
        trial(
            "catalogs::an_import_stands_until_the_file_of_the_merchant_changes",
            an_import_stands_until_the_file_of_the_merchant_changes,
        ),
        trial(
            "catalogs::a_bad_file_at_a_restart_leaves_the_version_from_before_in_force",
            a_bad_file_at_a_restart_leaves_the_version_from_before_in_force,
        ),
        trial(
            "catalogs::sold_units_stay_counted_unless_the_file_was_counted_now",
            sold_units_stay_counted_unless_the_file_was_counted_now,
        ),
        trial(
            "catalogs::what_an_import_has_left_to_be_reset_is_reset_once",
            what_an_import_has_left_to_be_reset_is_reset_once,
        ),
        trial(
            "catalogs::a_checkout_goes_on_with_the_version_that_it_was_quoted_with",
            a_checkout_goes_on_with_the_version_that_it_was_quoted_with,
        ),
    ]
}

/// A file in the folder of the host.
fn written(host: &HostProcess, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = host.folder().join(name);
    std::fs::write(&path, content).expect("the file can be written");
    path
}

/// `catalog import` of this content for the merchant `demo`.
pub(super) fn import(host: &HostProcess, content: &str, more: &[&str]) -> CommandOutput {
    let path = written(host, "import.csv", content);
    let path = path.to_str().expect("a path in UTF-8");
    host.run_json(&[&["catalog", "import", path, "--merchant", "demo"], more].concat())
}

async fn increments_change_what_is_there_and_unknown_items_are_named() {
    let host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let prices = import(&host, "id,price\nsong,11.00 USD\n", &["--feed", "pricing"])
        .expect_exit(0)
        .json;
    assert_eq!(
        (&prices["now"]["version"], &prices["rows"]["changed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(price(&host).await, 1100);
    let stock = import(&host, "id,availability\nsong,out_of_stock\n", &["--feed", "inventory"])
        .expect_exit(0)
        .json;
    assert_eq!(stock["now"]["items"], 1);
    let session = host.acp().open(ITEMS).await;
    assert!(
        session["messages"].to_string().contains("out_of_stock"),
        "{}",
        session.text()
    );

    let unknown = import(
        &host,
        "id,price\nghost,1.00 USD\nsong,12.00 USD\n",
        &["--feed", "pricing"],
    )
    .expect_exit(1)
    .json;
    assert!(unknown["problems"][0].to_string().contains("ghost"), "{unknown:#}");
    assert_eq!(unknown["changed"], Value::Bool(false));
    let kept = import(
        &host,
        "id,price\nghost,1.00 USD\nsong,12.00 USD\n",
        &["--feed", "pricing", "--keep-good"],
    );
    assert_eq!(
        kept.expect_exit(1).json["changed"],
        Value::Bool(true),
        "what was refused is said by the exit code"
    );
    let replacing = import(
        &host,
        "id,price\nsong,1.00 USD\n",
        &["--feed", "pricing", "--mode", "replace"],
    );
    assert!(replacing.expect_exit(2).text.contains("use upsert"));
}

async fn refused_rows_are_reported_and_written_out() {
    let host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let errors = host.folder().join("errors.csv");
    let errors_path = errors.to_str().unwrap();
    let bad = format!(
        "{}tape,\"Tape, long\",5.005 USD,in_stock,2,digital\nsong,Twice,1.00 USD,in_stock,1,digital\n",
        catalog("12.00", 5)
    );
    let refused = import(&host, &bad, &["--errors", errors_path]).expect_exit(1).json;
    assert!(refused["refusal"].to_string().contains("--keep-good"), "{refused:#}");
    let problem = refused["problems"]
        .as_array()
        .unwrap()
        .iter()
        .find(|problem| problem["column"] == "price")
        .unwrap();
    assert_eq!(
        (&problem["line"], &problem["value"], &problem["severity"]),
        (&3.into(), &"5.005 USD".into(), &"checkout".into())
    );
    assert!(
        problem["rule"].is_string() && !problem["help"].as_str().unwrap().is_empty(),
        "{problem:#}"
    );
    assert_eq!(price(&host).await, 1000);
    let written = std::fs::read_to_string(&errors).unwrap();
    assert!(written.starts_with("stripe_error_message,id,title"), "{written}");
    assert!(
        written.contains("\"Tape, long\"") && written.contains("song,Twice") && !written.contains("A Song"),
        "{written}"
    );

    let text = written_out(&host, &bad);
    assert!(
        text.contains("line 3: column price") && text.contains("4 rows are refused")
            || text.contains("2 of 3 rows are refused"),
        "{text}"
    );
    let kept = import(&host, &bad, &["--keep-good", "--errors", errors_path])
        .expect_exit(1)
        .json;
    assert_eq!((&kept["changed"], &kept["rows"]["refused"]), (&true.into(), &2.into()));
    assert_eq!(price(&host).await, 1200);

    let cut_off = import(&host, HEADER, &[]).expect_exit(1);
    assert!(cut_off.text.contains("--incomplete"), "{}", cut_off.text);
    let folder = host.folder().to_str().unwrap().to_owned();
    let not_a_file = host
        .run_json(&["catalog", "import", &folder, "--merchant", "demo"])
        .expect_exit(1);
    assert!(not_a_file.text.contains("directory"), "{}", not_a_file.text);
}

fn written_out(host: &HostProcess, content: &str) -> String {
    let path = written(host, "import.csv", content);
    let path = path.to_str().unwrap();
    host.run_text(&["catalog", "import", path, "--merchant", "demo"])
        .expect_exit(1)
        .text
}

async fn an_import_stands_until_the_file_of_the_merchant_changes() {
    let mut host = HostProcess::start(plan(20).merchant(merchant("demo")), &[]).await;
    host.stop();
    // Other bytes, and the same rows: this file was imported as well.
    super::rename_over(&host, "demo", &format!("{}\n\n", catalog("10.00", 5)));
    host.start_again().await;
    let _ = import(&host, &catalog("20.00", 5), &[]).expect_exit(0);
    assert_eq!(price(&host).await, 2000);
    host.stop();
    host.start_again().await;
    assert_eq!(price(&host).await, 2000, "the file is as it was imported before");
    let (shown, _) = status(&host, "demo");
    assert!(
        shown["in_force"]["source"].to_string().contains("import.csv"),
        "{shown:#}"
    );
    assert_eq!(shown["in_force"]["by"], "operator:tester");

    let back = host
        .run_json(&["catalog", "reload", "--merchant", "demo"])
        .expect_exit(0)
        .json;
    assert_eq!(back["changed"], Value::Bool(true));
    assert_eq!(price(&host).await, 1000);
    let _ = import(&host, &catalog("21.00", 5), &[]).expect_exit(0);
    super::rename_over(&host, "demo", &catalog("11.00", 5));
    super::wait_for_price(&host, 1100).await;
}

async fn a_bad_file_at_a_restart_leaves_the_version_from_before_in_force() {
    let mut host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    host.stop();
    super::write(&host, "demo", catalog("1.005", 5));
    host.start_again().await;
    assert_eq!(price(&host).await, 1000);
    let (shown, code) = status(&host, "demo");
    assert!(
        shown["refused"]["problems"]
            .to_string()
            .contains("line 2: column price"),
        "{shown:#}"
    );
    assert_eq!((&shown["in_force"]["version"], code), (&1.into(), 1));
}

/// Whether so many of the song can be bought.
async fn is_available(host: &HostProcess, quantity: u32) -> bool {
    let session = host.acp().open(&[("song", quantity)]).await;
    !["out_of_stock", "quantity_exceeded"]
        .iter()
        .any(|code| session["messages"].to_string().contains(code))
}

async fn sold_units_stay_counted_unless_the_file_was_counted_now() {
    let host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let available = async |quantity| is_available(&host, quantity).await;
    let _ = host.acp().buy(&[("song", 2)]).await;
    let _ = import(&host, &catalog("11.00", 6), &[]).expect_exit(0);
    assert!(available(4).await && !available(5).await, "six, of which two were sold");
    let counted = import(&host, &catalog("12.00", 3), &["--stock-as-counted"])
        .expect_exit(0)
        .json;
    assert_eq!(counted["stock"]["reset"], 1);
    assert!(available(3).await && !available(4).await, "three are there now");
    let _ = host.acp().buy(&[("song", 1)]).await;
    assert!(available(2).await && !available(3).await);
    let stock = "id,availability,inventory_quantity\nsong,in_stock,7\n";
    let _ = import(&host, stock, &["--feed", "inventory", "--stock-as-counted"]).expect_exit(0);
    assert!(available(7).await && !available(8).await);
    let prices = import(
        &host,
        "id,price\nsong,1.00 USD\n",
        &["--feed", "pricing", "--stock-as-counted"],
    );
    assert!(prices.expect_exit(2).text.contains("no quantities"));
}

async fn what_an_import_has_left_to_be_reset_is_reset_once() {
    let host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let _ = host.acp().buy(&[("song", 2)]).await;
    let store = Connection::open(host.store_folder().join("tillhouse.db")).unwrap();
    let failing = "CREATE TRIGGER failing BEFORE UPDATE ON counter BEGIN SELECT RAISE(ABORT, 'failing'); END";
    store.execute_batch(failing).unwrap();
    let unsettled = import(&host, &catalog("11.00", 3), &["--stock-as-counted"]).expect_exit(3);
    assert!(unsettled.text.contains("version 2 is in force"), "{}", unsettled.text);
    assert_eq!(price(&host).await, 1100);
    store.execute_batch("DROP TRIGGER failing").unwrap();
    let _ = import(&host, &catalog("12.00", 3), &["--stock-as-counted"]).expect_exit(0);
    assert!(
        is_available(&host, 3).await && !is_available(&host, 4).await,
        "three are there now"
    );
}

async fn a_checkout_goes_on_with_the_version_that_it_was_quoted_with() {
    let host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let agent = host.acp();
    let session = agent.ready(ITEMS).await;
    let _ = import(&host, &catalog("11.00", 5), &[]).expect_exit(0);
    assert_eq!(price(&host).await, 1100, "another checkout is of the new version");
    let token = host.token_of("pm_card_visa", session.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_eq!(session.total("items_base_amount"), 1000);
}
