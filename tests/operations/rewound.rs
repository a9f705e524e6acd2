//! A store that goes back in time: a fail-over that lost commits, files that were copied back, files that are gone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use libtest_mimic::Trial;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{HttpResponse, PostgresServer, TestFolder, postgres_binaries};

use crate::{each, fast_host, trial, wait_for_status};

pub(crate) fn trials() -> Vec<Trial> {
    let is_absent = postgres_binaries().is_none();
    vec![
        trial(
            "rewound::a_database_that_comes_back_from_a_copy_charges_no_checkout_twice",
            a_database_that_comes_back_from_a_copy_charges_no_checkout_twice,
        )
        .with_ignored_flag(is_absent),
        trial(
            "rewound::files_that_were_put_back_charge_no_checkout_twice",
            files_that_were_put_back_charge_no_checkout_twice,
        ),
        trial(
            "rewound::a_store_whose_files_are_gone_takes_no_more_checkouts",
            a_store_whose_files_are_gone_takes_no_more_checkouts,
        ),
        trial("rewound::a_damaged_store_is_not_served", a_damaged_store_is_not_served),
        trial(
            "rewound::what_doctor_fails_about_folders_is_not_served",
            what_doctor_fails_about_folders_is_not_served,
        ),
    ]
}

/// The status and the body of `/readyz`; a host that does not answer is not ready.
async fn readiness(host: &HostProcess) -> (u16, String) {
    match host.client().get("/readyz").try_send().await {
        Ok(answer) => (answer.status, answer.text()),
        Err(_) => (0, String::new()),
    }
}

async fn wait_until_ready(host: &HostProcess) {
    wait_until("the host is ready", async || readiness(host).await.0 == 200).await;
}

fn log(host: &HostProcess) -> String {
    String::from_utf8_lossy(&host.log()).into_owned()
}

/// Two checkouts: one that can be paid, and one whose payment waits for Stripe, so that its attempt is in a copy that is made now.
struct Shopping {
    open: HttpResponse,
    open_token: String,
    paying: HttpResponse,
}

impl Shopping {
    async fn begin(host: &HostProcess) -> Self {
        let open = host.acp().ready(&[("tee-classic", 1)]).await;
        let paying = host.acp().ready(&[("print-last", 1)]).await;
        Self {
            open_token: host.token_of("pm_card_visa", open.total("total")).await,
            open,
            paying,
        }
    }

    /// What must hold after the store has lost both payments: each was charged once, and that is how it stays.
    async fn expect_no_second_charge(&self, host: &HostProcess) {
        wait_until("the host is ready again, and says what happened", async || {
            let (status, text) = readiness(host).await;
            status == 200 && text.contains("went back in time")
        })
        .await;
        // The payment that the copy has begun is looked up, and found.
        let found = wait_for_status(host, &self.paying, "completed").await;
        assert!(found["order"]["id"].is_string());
        // The other one is not in the copy at all. Its checkout is over.
        let seen = host.acp().retrieve(self.open.id()).await;
        assert_ne!(seen["status"], "ready_for_payment");
        for token in [
            self.open_token.clone(),
            host.token_of("pm_card_visa", self.open.total("total")).await,
        ] {
            let again = host.acp().completion(self.open.id(), &token).send().await;
            assert!(again.status >= 400, "{}", again.text());
        }
        let ledger = host.sandbox.acquirer.ledger();
        assert_eq!(
            (ledger.charges().len(), ledger.captures().len()),
            (2, 2),
            "no checkout is charged twice"
        );
        // Its charge is found on the processor's list.
        wait_until("the charge without an attempt is reported", async || {
            log(host).contains("has no counterpart")
        })
        .await;
        let audit = host.run_json(&["audit", "list"]).expect_exit(0).json;
        assert!(
            each(&audit["records"], "action").contains(&"store.quarantine"),
            "{audit:#}"
        );
        wait_until("the log says so", async || {
            log(host).contains("nothing is served from it until it is in quarantine")
        })
        .await;
        // What is sold from now on is sold as before.
        let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    }
}

async fn a_database_that_comes_back_from_a_copy_charges_no_checkout_twice() {
    let mut server = PostgresServer::start(postgres_binaries().unwrap());
    let database = server.database().await;
    let plan = fast_host().set(&format!("store.url = \"{}\"", database.url()));
    let host = HostProcess::start(plan, &[]).await;
    let shopping = Shopping::begin(&host).await;
    let held = host.sandbox.stripe.hold(Operation::Retrieve);
    let token = host.token_of("pm_card_visa", shopping.paying.total("total")).await;
    let paying = tokio::spawn(host.acp().completion(shopping.paying.id(), &token).send());
    held.arrived(1).await;
    let copy = server.copy();
    held.release();
    let _ = paying.await.unwrap().expect(200);
    wait_until_ready(&host).await;
    let _ = wait_for_status(&host, &shopping.paying, "completed").await;
    let paid = host.acp().complete(shopping.open.id(), &shopping.open_token).await;
    let _ = paid.expect(200).is("completed");

    server.come_back_from(&copy);
    shopping.expect_no_second_charge(&host).await;
    // An ordinary restart of the server is not a reason for another quarantine.
    server.restart();
    wait_until_ready(&host).await;
    let audit = host.run_json(&["audit", "list"]).expect_exit(0).json;
    let quarantines = each(&audit["records"], "action");
    assert_eq!(quarantines.iter().filter(|it| **it == "store.quarantine").count(), 1);
}

fn copy_database(from: &Path, to: &Path) {
    for name in ["tillhouse.db", "tillhouse.db-wal"] {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
    let _ = fs::remove_file(to.join("tillhouse.db-shm"));
}

async fn files_that_were_put_back_charge_no_checkout_twice() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let shopping = Shopping::begin(&host).await;
    let held = host.sandbox.stripe.hold(Operation::Retrieve);
    let token = host.token_of("pm_card_visa", shopping.paying.total("total")).await;
    let paying = tokio::spawn(host.acp().completion(shopping.paying.id(), &token).send());
    held.arrived(1).await;
    let copy = TestFolder::new();
    copy_database(&host.store_folder(), copy.path());
    held.release();
    let _ = paying.await.unwrap().expect(200);
    let paid = host.acp().complete(shopping.open.id(), &shopping.open_token).await;
    let _ = paid.expect(200).is("completed");
    // As after a power cut, and immediately after the commit.
    host.kill();
    copy_database(copy.path(), &host.store_folder());

    let output = host.run_json(&["doctor"]).expect_exit(1);
    assert!(output.text.contains("went back in time"), "{}", output.text);
    let output = host.run_json(&["attempts", "list"]).expect_exit(3);
    assert!(output.text.contains("start the host"), "{}", output.text);
    host.start_again().await;
    shopping.expect_no_second_charge(&host).await;
    let _ = host.run_json(&["audit", "verify"]).expect_exit(0);

    // Once is enough.
    host.stop();
    host.start_again().await;
    assert_eq!(readiness(&host).await, (200, "ready\n".to_owned()));
}

async fn a_store_whose_files_are_gone_takes_no_more_checkouts() {
    let host = HostProcess::start(fast_host(), &[]).await;
    let (folder, aside) = (host.store_folder(), TestFolder::new());
    let moved = ["tillhouse.db", "tillhouse.db-wal", "tillhouse.db-shm"];
    for name in moved {
        fs::rename(folder.join(name), aside.path().join(name)).unwrap();
    }
    wait_until("the host is not ready", async || {
        readiness(&host).await
            == (
                503,
                "not ready: the files of the store are gone or were replaced\n".to_owned(),
            )
    })
    .await;
    wait_until("the log says so", async || {
        log(&host).contains("what is committed now would be lost")
    })
    .await;
    let body = tillhouse_tests::fixtures::cart(tillhouse_tests::Release::V2026_04_17, &[("tee-classic", 1)]);
    let create = host
        .client()
        .post("/checkout_sessions")
        .acp(tillhouse_tests::Release::V2026_04_17);
    let refused = create.key("gone").json(&body).send().await;
    assert!(refused.status >= 500, "{}", refused.text());

    // Other files in their place do not help.
    fs::write(folder.join("tillhouse.db"), b"").unwrap();
    wait_until("the log names the file", async || log(&host).contains("tillhouse.db")).await;
    assert_eq!(readiness(&host).await.0, 503);
    for name in moved {
        fs::rename(aside.path().join(name), folder.join(name)).unwrap();
    }
    wait_until_ready(&host).await;
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
}

async fn a_damaged_store_is_not_served() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    host.stop();
    let database = host.store_folder().join("tillhouse.db");
    let whole = fs::read(&database).unwrap();
    let page = 4096;
    // Garbage in every fifth page; a file that ends early; a header that is not one.
    let mut garbage = whole.clone();
    for start in (page..whole.len() - page).step_by(page * 5) {
        garbage[start..start + 500].fill(0x5a);
    }
    let cut = whole[..whole.len() / 2 / page * page].to_vec();
    let mut header = whole.clone();
    header[..16].fill(0);
    for (what, damaged) in [("garbage", garbage), ("cut", cut), ("header", header)] {
        fs::write(&database, damaged).unwrap();
        let error = host.expect_start_error().await;
        assert!(
            error.contains("is damaged") && error.contains("tillhouse restore"),
            "{what}: {error}"
        );
    }
    fs::write(&database, whole).unwrap();
    host.start_again().await;
    let _ = host.acp().buy(&[("tee-classic", 1)]).await;
}

async fn what_doctor_fails_about_folders_is_not_served() {
    let mut host = HostProcess::start(fast_host(), &[]).await;
    host.stop();
    let folder = host.store_folder();
    let database = folder.join("tillhouse.db");
    for file in ["tillhouse.db", "host.lock", "commits"] {
        let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is its user's alone");
    }
    let refused = async |host: &mut HostProcess, words: &str| {
        let output = host.run_json(&["doctor"]).expect_exit(1);
        let findings = output.json["checks"].as_array().unwrap().clone();
        let found = findings
            .iter()
            .find(|it| it["level"] == "fail" && it["check"] == "store");
        let found = found.unwrap_or_else(|| panic!("{}", output.text));
        let (finding, remedy) = (found["finding"].as_str().unwrap(), found["remedy"].as_str().unwrap());
        assert!(finding.contains(words), "{finding}");
        let error = host.expect_start_error().await;
        assert!(
            error.contains(finding) && error.contains(remedy),
            "{finding}; {remedy}\n{error}"
        );
    };
    for (mode, words) in [(0o755, "accessible to others"), (0o770, "writable by others")] {
        fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        refused(&mut host, words).await;
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    if chown(&folder, Some(65_534), None).is_ok() {
        refused(&mut host, "belongs to the user with the id 65534").await;
        chown(&folder, Some(0), None).unwrap();
        chown(&database, Some(65_534), None).unwrap();
        refused(&mut host, "belongs to the user with the id 65534").await;
        chown(&database, Some(0), None).unwrap();
        // `doctor` has opened the database, and SQLite gives its other files the owner of the database.
        for name in ["tillhouse.db-wal", "tillhouse.db-shm"] {
            let _ = fs::remove_file(folder.join(name));
        }
    }
    // A file of an earlier release is taken away from others, and the host starts.
    fs::set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
    host.start_again().await;
    assert_eq!(fs::metadata(&database).unwrap().permissions().mode() & 0o777, 0o600);
}
