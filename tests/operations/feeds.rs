//! The verbs of uploads, as an operator uses them.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tillhouse_tests::Merchant;
use tillhouse_tests::process::HostProcess;

use crate::{each, fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "feeds::an_upload_is_previewed_waited_for_and_its_refused_rows_are_listed",
            an_upload_is_previewed_waited_for_and_its_refused_rows_are_listed,
        ),
        trial(
            "feeds::an_open_upload_is_abandoned_and_the_next_is_asked_for",
            an_open_upload_is_abandoned_and_the_next_is_asked_for,
        ),
    ]
}

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

fn row(id: &str, image: &str) -> String {
    format!(
        "{id},{id},A {id},https://shop.example/{id},{image},in_stock,9.00 USD,9,Acme,M-{id},new,Home & Garden,\
         US:ALL:Standard:3-5:4.99 USD\n"
    )
}

/// A host whose merchant uploads these rows to Stripe.
async fn start(rows: &str) -> HostProcess {
    let merchant = Merchant::named("demo")
        .catalog(&format!("{HEADER}{rows}"))
        .set("feed = { transport = \"catalog_imports\", upload_hosts = [\"127.0.0.1\"] }");
    HostProcess::start(fast_host().merchant(merchant), &[]).await
}

const IMAGE: &str = "https://shop.example/a.png";

async fn an_upload_is_previewed_waited_for_and_its_refused_rows_are_listed() {
    let rows = [row("cup", IMAGE), row("mug", IMAGE), row("pot", "")].concat();
    let host = start(&rows).await;
    let preview = host.run_json(&["feed", "preview", "--rows", "1"]).expect_exit(1).json;
    assert_eq!(
        (&preview["sent"], &preview["withheld"]),
        (&json!(2), &json!(1)),
        "{preview:#}"
    );
    assert_eq!(each(&preview["problems"], "item")[0], "pot");
    let shown = host.run_text(&["feed", "preview"]).expect_exit(1).text;
    assert!(
        shown.contains("2 rows would be sent") && shown.contains("image_link"),
        "{shown}"
    );
    assert_eq!(host.sandbox.stripe.feed_imports().len(), 0, "nothing is sent");

    host.sandbox.stripe.fail_next_rows(&[("mug", "price: must be lower")]);
    let upload = host.run_json(&["feed", "upload", "--wait"]).expect_exit(1).json;
    assert_eq!(
        (&upload["status"], &upload["open"]),
        (&json!("succeeded_with_errors"), &json!(false))
    );
    let errors = host.run_json(&["feed", "errors"]).expect_exit(1).json;
    assert_eq!(each(&errors["errors"], "item"), ["mug", "pot"], "{errors:#}");
    assert_eq!(
        (&errors["errors"][0]["row"], &errors["errors"][0]["column"]),
        (&json!(2), &json!("price"))
    );
    let first = host.run_json(&["feed", "errors", "--limit", "1"]).expect_exit(1).json;
    assert_eq!(
        (each(&first["errors"], "item"), &first["more"]),
        (vec!["mug"], &json!(true))
    );
    let shown = host.run_text(&["feed", "errors"]).expect_exit(1).text;
    assert!(shown.contains("must be lower") && shown.contains("not sent"), "{shown}");

    let again = host.run_text(&["feed", "upload", "--wait"]).expect_exit(0).text;
    assert!(
        again.contains("succeeded") && again.contains("feed errors"),
        "the pot is still not sent: {again}"
    );
    let history = host.run_json(&["feed", "history"]).expect_exit(0).json;
    assert_eq!(
        each(&history["uploads"], "status"),
        ["succeeded", "succeeded_with_errors"]
    );
    let last = host.run_json(&["feed", "history", "--limit", "1"]).expect_exit(0).json;
    assert_eq!(
        (each(&last["uploads"], "status"), &last["more"]),
        (vec!["succeeded"], &json!(true))
    );

    let status = |host: &HostProcess| host.run_json(&["feed", "status"]).expect_exit(0).json["destinations"][0].clone();
    let before = status(&host);
    assert_eq!(
        (&before["full_due"], &before["increments_seconds"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(before["audit"], Value::Null);
    let audit = host.run_json(&["feed", "audit", "--all"]).expect_exit(1).json;
    let audited = status(&host)["audit"].clone();
    for number in ["items", "differing", "drift_ppm", "price_drift_ppm", "unavailable_ppm"] {
        assert_eq!(audited[number], audit[number], "{number} {audited:#}");
    }
}

async fn an_open_upload_is_abandoned_and_the_next_is_asked_for() {
    let mut host = start(&row("cup", IMAGE)).await;
    let held = host.sandbox.stripe.hold_imports();
    let upload = host.run_json(&["feed", "upload"]).expect_exit(0).json;
    let id = upload["id"].as_str().unwrap();
    held.arrived(1).await;
    let busy = host.run_json(&["feed", "upload"]).expect_exit(1);
    assert!(
        busy.text.contains(id) && busy.text.contains("--beside"),
        "{}",
        busy.text
    );
    let abandoned = host
        .run_json(&["feed", "abandon", id, "--actor", "ada"])
        .expect_exit(0)
        .json;
    assert_eq!(
        (&abandoned["status"], &abandoned["problem"]),
        (&json!("abandoned"), &json!("abandoned by operator:ada"))
    );
    let over = host.run_json(&["feed", "abandon", id]).expect_exit(1);
    assert!(over.text.contains("is over"), "{}", over.text);
    assert!(
        host.run_json(&["feed", "abandon", "feed_none"])
            .expect_exit(1)
            .text
            .contains("there is no upload")
    );
    held.release();
    let _ = host.run_json(&["feed", "upload", "--wait"]).expect_exit(0);
    host.stop();
    let alone = host.run_json(&["feed", "upload", "--wait"]).expect_exit(3);
    assert!(alone.text.contains("no host runs"), "{}", alone.text);
    let history = host.run_json(&["feed", "history"]).expect_exit(0).json;
    assert_eq!(
        each(&history["uploads"], "status"),
        ["abandoned", "succeeded"],
        "nothing was asked for"
    );
}
