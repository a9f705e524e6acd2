//! A merchant's catalog is loaded again: when its file changes, and by `tillhouse catalog reload`. What else an operator imports is
//! in `imports`.

mod fleet;
mod imports;
mod promotions;
mod reads;
mod restarts;

use std::path::PathBuf;

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Builder, Merchant};

use crate::{each, fast_host, trial};

const HEADER: &str = "id,title,price,availability,inventory_quantity,shipping_type\n";
const ITEMS: &[(&str, u32)] = &[("song", 1)];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = imports::trials();
    trials.extend(promotions::trials());
    trials.extend(reads::trials());
    trials.extend(fleet::trials());
    trials.extend(restarts::trials());
    trials.extend([
        trial(
            "catalogs::a_changed_file_is_loaded_and_a_bad_one_replaces_nothing",
            a_changed_file_is_loaded_and_a_bad_one_replaces_nothing,
        ),
        trial(
            "catalogs::a_merchant_comes_into_service_once_its_catalog_is_good",
            a_merchant_comes_into_service_once_its_catalog_is_good,
        ),
        trial(
            "catalogs::an_operator_loads_a_catalog_again",
            an_operator_loads_a_catalog_again,
        ),
        trial(
            "catalogs::items_that_cannot_be_bought_are_warned_of",
            items_that_cannot_be_bought_are_warned_of,
        ),
        trial(
            "catalogs::a_completion_after_a_reload_is_of_the_new_catalog",
            a_completion_after_a_reload_is_of_the_new_catalog,
        ),
    ]);
    trials
}

/// A catalog whose song costs this much, with this many in stock.
fn catalog(price: &str, stock: u32) -> String {
    format!("{HEADER}song,A Song,{price} USD,in_stock,{stock},digital\n")
}

fn merchant(name: &str) -> Merchant {
    Merchant::named(name).untaxed().catalog(&catalog("10.00", 5))
}

fn plan(poll_ms: u32) -> Builder {
    fast_host().set(&format!("[catalogs]\npoll_ms = {poll_ms}"))
}

fn file(host: &HostProcess, merchant: &str) -> PathBuf {
    host.folder().join(format!("{merchant}.csv"))
}

fn write(host: &HostProcess, merchant: &str, content: impl AsRef<[u8]>) {
    std::fs::write(file(host, merchant), content).expect("the catalog can be written");
}

/// Writes a file beside the catalog and renames it, as editors do.
fn rename_over(host: &HostProcess, merchant: &str, content: &str) {
    let draft = file(host, merchant).with_extension("draft");
    std::fs::write(&draft, content).expect("the draft can be written");
    std::fs::rename(&draft, file(host, merchant)).expect("the draft can be renamed");
}

async fn price(host: &HostProcess) -> i64 {
    host.acp().open(ITEMS).await.total("items_base_amount")
}

async fn wait_for_price(host: &HostProcess, cents: i64) {
    wait_until(&format!("the song costs {cents}"), async || price(host).await == cents).await;
}

/// The merchant in `catalog status`, and the command's exit code.
fn status(host: &HostProcess, merchant: &str) -> (Value, i32) {
    let output = host.run_json(&["catalog", "status", "--merchant", merchant]);
    (output.json["catalogs"][0].clone(), output.code)
}

async fn wait_until_refused(host: &HostProcess, word: &str) {
    wait_until(&format!("the catalog is refused: {word}"), async || {
        status(host, "demo").0["refused"]["problems"].to_string().contains(word)
    })
    .await;
}

async fn a_changed_file_is_loaded_and_a_bad_one_replaces_nothing() {
    let host = HostProcess::start(plan(20).merchant(merchant("demo")), &[]).await;
    assert_eq!(price(&host).await, 1000);
    rename_over(&host, "demo", &catalog("11.00", 5));
    wait_for_price(&host, 1100).await;
    write(&host, "demo", catalog("12.00", 5));
    wait_for_price(&host, 1200).await;

    // Files that are not good, or not complete: cut off within a row, without the rows, empty, of other bytes, absent.
    let whole = catalog("13.00", 5);
    for (content, word) in [
        (
            Some(whole.replace("13.00", "13.005").into_bytes()),
            "line 2: column price",
        ),
        (Some(whole.as_bytes()[..whole.len() - 20].to_vec()), "line 2"),
        (Some(HEADER.as_bytes().to_vec()), "the file has 0 items"),
        (Some(Vec::new()), "the file is empty"),
        (Some(b"\xff\xfe\x00i\x00d".to_vec()), "line 1"),
        (None, "No such file"),
    ] {
        match content {
            Some(content) => write(&host, "demo", content),
            None => std::fs::remove_file(file(&host, "demo")).expect("the catalog can be removed"),
        }
        wait_until_refused(&host, word).await;
        assert_eq!(price(&host).await, 1200, "{word}");
        let (catalog, code) = status(&host, "demo");
        assert_eq!((&catalog["in_force"]["items"], code), (&1.into(), 1), "{catalog:#}");
    }
    let log = String::from_utf8_lossy(&host.log()).into_owned();
    assert!(log.contains("WARN") && log.contains("line 2: column price"), "{log}");
    let doctor = host.run_json(&["doctor"]).text;
    assert!(doctor.contains("its changed catalog is refused"), "{doctor}");

    write(&host, "demo", whole);
    wait_for_price(&host, 1300).await;
    let (catalog, code) = status(&host, "demo");
    assert_eq!((&catalog["refused"], code), (&Value::Null, 0), "{catalog:#}");
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert_eq!(
        each(&log["records"], "action"),
        ["catalog.reload", "catalog.reload", "catalog.reload", "host.start"]
    );
}

async fn a_merchant_comes_into_service_once_its_catalog_is_good() {
    let plan = plan(20)
        .merchant(merchant("demo").catalog("sku,name\n1,Song\n"))
        .merchant(merchant("other"));
    let host = HostProcess::start(plan, &[]).await;
    let _ = host.acp().create(&Value::Null).await.expect(503);
    write(&host, "demo", catalog("1.005", 5));
    wait_until_refused(&host, "column price").await;
    let doctor = host.run_json(&["doctor"]).expect_exit(1).text;
    assert!(doctor.contains("merchant demo is out of service"), "{doctor}");
    let _ = host.acp().create(&Value::Null).await.expect(503);
    write(&host, "demo", catalog("10.00", 5));
    wait_until("the merchant is in service", async || {
        host.acp().create(&Value::Null).await.status != 503
    })
    .await;
    let _ = host.acp().buy(ITEMS).await;
    let _ = host.acp_at("other").buy(ITEMS).await;
    let ready = host.client().get("/readyz").send().await.expect(200);
    assert!(!ready.text().contains("out of service"), "{}", ready.text());
}

async fn an_operator_loads_a_catalog_again() {
    let mut host = HostProcess::start(plan(0).merchant(merchant("demo")), &[]).await;
    let reload = |host: &HostProcess| host.run_json(&["catalog", "reload", "--merchant", "demo"]);
    let _ = host.acp().buy(ITEMS).await;
    let same = reload(&host).expect_exit(0).json;
    assert_eq!((&same["changed"], &same["now"]["items"]), (&false.into(), &1.into()));

    // What was sold stays sold, as over a restart: of three, one was sold.
    write(&host, "demo", catalog("11.00", 3));
    assert_eq!(price(&host).await, 1000, "nothing looks at the file");
    let changed = reload(&host).expect_exit(0).json;
    assert_eq!(
        (&changed["changed"], &changed["items_before"]),
        (&true.into(), &1.into())
    );
    assert_eq!(price(&host).await, 1100);
    let available = async |host: &HostProcess| {
        let mut number = 0;
        for quantity in 1..5 {
            let session = host.acp().open(&[("song", quantity)]).await;
            let messages = session["messages"].to_string();
            if ["out_of_stock", "quantity_exceeded"]
                .iter()
                .any(|code| messages.contains(code))
            {
                break;
            }
            number = quantity;
        }
        number
    };
    let reloaded = available(&host).await;
    host.stop();
    host.start_again().await;
    assert_eq!((reloaded, available(&host).await), (2, 2));

    write(
        &host,
        "demo",
        format!(
            "{}song,Twice,2.00 USD,in_stock,1,digital\nx,,1.00 USD,maybe,,\n",
            catalog("12.00", 5)
        ),
    );
    let refused = reload(&host).expect_exit(1);
    for problem in [
        "line 3: column id",
        "line 4: column title",
        "line 4: column availability",
    ] {
        assert!(refused.json["error"].to_string().contains(problem), "{}", refused.text);
    }
    assert_eq!(refused.json["problems"].as_array().map(Vec::len), Some(3));
    assert_eq!(price(&host).await, 1100);

    // What looks like a file that is not complete is loaded if an operator says so.
    write(&host, "demo", HEADER);
    assert_eq!(reload(&host).expect_exit(0).json["now"]["items"], 0);
    let absent = host
        .run_json(&["catalog", "reload", "--merchant", "nobody"])
        .expect_exit(1);
    assert!(absent.text.contains("there is no merchant nobody"), "{}", absent.text);
    let table = host.run_text(&["catalog", "status"]).expect_exit(0).text;
    assert!(table.contains("MERCHANT") && table.contains("demo.csv"), "{table}");
}

async fn items_that_cannot_be_bought_are_warned_of() {
    let foreign =
        format!("{HEADER}song,A Song,10.00 USD,in_stock,5,digital\nlied,Ein Lied,10.00 EUR,in_stock,5,digital\n");
    let host = HostProcess::start(plan(0).merchant(merchant("demo").catalog(&foreign)), &[]).await;
    let found = "1 of 2 items are not priced in USD and cannot be bought: lied";
    let log = String::from_utf8_lossy(&host.log()).into_owned();
    assert!(log.contains("WARN") && log.contains(found), "{log}");
    for text in [
        host.run_json(&["doctor"]).text,
        host.run_json(&["catalog", "status"]).expect_exit(0).text,
        host.run_text(&["catalog", "status"]).expect_exit(0).text,
        host.run_json(&["catalog", "reload", "--merchant", "demo"])
            .expect_exit(0)
            .text,
    ] {
        assert!(text.contains(found), "{text}");
    }
    let _ = host.acp().buy(ITEMS).await;
    write(&host, "demo", catalog("10.00", 5));
    let mended = host
        .run_json(&["catalog", "reload", "--merchant", "demo"])
        .expect_exit(0)
        .json;
    assert_eq!(mended["now"]["warnings"], Value::Array(Vec::new()));
}

async fn a_completion_after_a_reload_is_of_the_new_catalog() {
    let plan = plan(0).set("[catalogs]\ngrace_seconds = 0");
    let host = HostProcess::start(plan.merchant(merchant("demo")), &[]).await;
    let agent = host.acp();
    let session = agent.ready(ITEMS).await;
    let token = host.token_of("pm_card_visa", session.total("total")).await;
    write(&host, "demo", catalog("11.00", 5));
    let _ = host
        .run_json(&["catalog", "reload", "--merchant", "demo"])
        .expect_exit(0);
    let changed = agent.complete(session.id(), &token).await.refused(409, "conflict");
    assert!(changed.text().contains("total has changed"), "{}", changed.text());
    assert!(host.sandbox.acquirer.ledger().charges().is_empty());
    let shown = agent.retrieve(session.id()).await.expect(200);
    let token = host.token_of("pm_card_visa", shown.total("total")).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
}
