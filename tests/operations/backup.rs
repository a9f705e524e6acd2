//! Backups of a running host, and what a restored store assumes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::Trial;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::{HostProcess, tillhouse};
use tillhouse_tests::{Client, Release, fixtures};

use crate::{each, fast_host, trial, wait_for_status};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "backup::a_restored_store_checks_the_status_before_it_sends",
            a_restored_store_checks_the_status_before_it_sends,
        ),
        trial(
            "backup::an_incomplete_backup_is_not_restored",
            an_incomplete_backup_is_not_restored,
        ),
    ]
}

/// Creates carts one after the other until stopped; returns their ids.
async fn shoppers(client: Client, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut ids = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let body = fixtures::cart(Release::V2026_04_17, &[("tee-classic", 1)]);
        let request = client.post("/checkout_sessions").acp(Release::V2026_04_17);
        let opened = request.key(&format!("shopper-{}", ids.len())).json(&body).send().await;
        ids.push(opened.expect(201).id().to_owned());
    }
    ids
}

async fn a_restored_store_checks_the_status_before_it_sends() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let shopping = tokio::spawn(shoppers(host.client(), Arc::clone(&stop)));

    let session = host.acp().ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_visa", session.total("total")).await;
    let held = host.sandbox.stripe.hold(Operation::Retrieve);
    let paying = tokio::spawn(host.acp().completion(session.id(), &token).send());
    held.arrived(1).await;
    let file = host.folder().join("copy.db");
    let file = file.to_str().unwrap().to_owned();
    let made = host.run_json(&["backup", &file]).expect_exit(0).json;
    assert_eq!(made["bytes"], std::fs::metadata(&file).unwrap().len());
    let twice = host.run_json(&["backup", &file]).expect_exit(1);
    assert!(twice.text.contains("exists already"), "{}", twice.text);
    held.release();
    let _ = paying.await.unwrap().expect(200).is("completed");
    stop.store(true, Ordering::Relaxed);
    let carts = shopping.await.unwrap();
    assert_eq!(host.sandbox.acquirer.ledger().captures().len(), 1);
    wait_until("the payment is reported", async || {
        host.sandbox.stripe.payment_records().len() == 1
    })
    .await;
    host.kill();

    let folder = host.folder().join("restored");
    let folder = folder.to_str().unwrap().to_owned();
    let restored = tillhouse(&["restore", &file, "--to", &folder, "--json"])
        .expect_exit(0)
        .json;
    assert_eq!(
        restored["attempts_in_doubt"].as_array().unwrap().len(),
        1,
        "{restored:#}"
    );
    assert!(restored["sessions_ended"].as_u64().unwrap() > 0, "{restored:#}");
    let _ = tillhouse(&["restore", &file, "--to", &folder]).expect_exit(1);
    host.configure("store.url = \"sqlite:restored\"");
    let doubtful = host
        .run_json(&["attempts", "list", "--state", "unknown"])
        .expect_exit(0)
        .json;
    assert_eq!(each(&doubtful["attempts"], "reason"), ["restored from a backup"]);

    host.start_again().await;
    let paid = wait_for_status(&host, &session, "completed").await;
    assert!(paid["order"]["id"].is_string());
    let ledger = host.sandbox.acquirer.ledger();
    assert_eq!(
        (ledger.charges().len(), ledger.captures().len()),
        (1, 1),
        "the charge was checked, not sent again"
    );
    let resolved = host.sandbox.stripe.received(Operation::Resolve);
    assert_eq!(resolved, 1, "the token was not resolved again");
    let first = host.acp().retrieve(&carts[0]).await;
    assert_ne!(
        first["status"], "ready_for_payment",
        "an open session may have been paid after the backup"
    );
    let log = host.run_json(&["audit", "list"]).expect_exit(0).json;
    assert!(each(&log["records"], "action").contains(&"store.restore"), "{log:#}");
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);
    let _ = host.run_json(&["reconcile"]).expect_exit(0);
}

async fn an_incomplete_backup_is_not_restored() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    host.stop();
    let file = host
        .run_json(&["backup", host.folder().to_str().unwrap()])
        .expect_exit(0)
        .json;
    let file = file["file"].as_str().unwrap().to_owned();
    let bytes = std::fs::read(&file).unwrap();
    let folder = host.folder().join("restored");
    let to = folder.to_str().unwrap();
    let broken = host.folder().join("broken.db");
    let mut cut = bytes.clone();
    cut.truncate(bytes.len() / 2);
    let mut scribbled = bytes.clone();
    let middle = scribbled.len() / 2;
    scribbled[middle..middle + 4096].fill(0x5a);
    for (what, wrong) in [
        ("cut", cut),
        ("scribbled over", scribbled),
        ("text", b"not a database".to_vec()),
    ] {
        std::fs::write(&broken, wrong).unwrap();
        let output = tillhouse(&["restore", broken.to_str().unwrap(), "--to", to]);
        assert_eq!(output.code, 1, "{what}: {}", output.text);
        assert!(
            !folder.exists(),
            "{what}: the folder of the failed restore must not exist"
        );
    }
    let _ = tillhouse(&["restore", &file, "--to", to]).expect_exit(0);
}
