//! How far the feed is from what is sold, as an operator sees it, and the feed as files.

use libtest_mimic::Trial;
use serde_json::Value;
use tillhouse_tests::Merchant;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;

use crate::{each, fast_host, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "feed_audit::differences_are_listed_uploaded_and_gone",
        differences_are_listed_uploaded_and_gone,
    )]
}

/// Waits until no upload is open; all have succeeded.
async fn uploaded(host: &HostProcess) {
    wait_until("no upload is open", async || {
        let status = host.run_json(&["feed", "status"]).expect_exit(0).json;
        let open = |upload: &Value| upload["open"] == true;
        status["uploads"]
            .as_array()
            .is_some_and(|uploads| !uploads.is_empty() && !uploads.iter().any(open))
    })
    .await;
}

async fn differences_are_listed_uploaded_and_gone() {
    let merchant = Merchant::named("demo").acp_feed("agent", "target_country = \"US\"");
    let host = HostProcess::start(fast_host().merchant(merchant), &[]).await;
    let early = host.run_json(&["feed", "audit"]).expect_exit(1);
    assert!(early.text.contains("feed upload"), "{}", early.text);
    let _ = host.run_json(&["feed", "upload"]).expect_exit(0);
    uploaded(&host).await;
    let agreeing = host.run_json(&["feed", "audit", "--all"]).expect_exit(0).json;
    assert_eq!(
        (&agreeing["differing"], &agreeing["all"]),
        (&0.into(), &true.into()),
        "{agreeing:#}"
    );
    assert!(agreeing["items"].as_u64() > Some(5));

    let _ = host.acp().buy(&[("print-last", 1)]).await;
    let report = host.run_json(&["feed", "audit", "--all"]).expect_exit(1).json;
    assert_eq!(each(&report["differences"], "item"), ["print-last"], "{report:#}");
    assert_eq!(each(&report["differences"], "kind"), ["sold_out"]);
    let shown = host.run_text(&["feed", "audit", "--all"]).expect_exit(1).text;
    assert!(shown.contains("print-last") && shown.contains("100.00 %"), "{shown}");
    assert!(shown.contains("Stripe's limit: 5.00 %"), "{shown}");

    let asked = host.run_json(&["feed", "increment"]).expect_exit(0).json;
    assert_eq!((&asked["changed"], &asked["rows"]), (&1.into(), &1.into()), "{asked:#}");
    uploaded(&host).await;
    assert_eq!(host.run_json(&["feed", "increment"]).expect_exit(0).json["changed"], 0);
    assert_eq!(
        host.run_json(&["feed", "audit", "--all"]).expect_exit(0).json["differing"],
        0
    );

    let folder = host.folder().join("files");
    let path = folder.to_str().unwrap();
    let exported = host.run_json(&["feed", "export-acp", path]).expect_exit(0).json;
    let products = std::fs::read_to_string(folder.join("products.jsonl")).unwrap();
    assert_eq!(exported["products"], products.lines().count());
    let print = products.lines().find(|line| line.contains("print-last")).unwrap();
    assert!(
        print.contains("out_of_stock"),
        "with the stock as it is counted: {print}"
    );
    let metadata: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("metadata.json")).unwrap()).unwrap();
    assert_eq!(metadata["id"], host.sandbox.acp_feed.feeds()[0].id);
}
