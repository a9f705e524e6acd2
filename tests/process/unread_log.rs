//! A log that is not read: the host drops lines, but serves requests and stops normally.

use libtest_mimic::Trial;
use tillhouse_tests::Builder;
use tillhouse_tests::eventually::wait_until;
use tillhouse_tests::process::HostProcess;

use crate::{block_on, trial};

/// More lines than the pipe and its reader's buffer can hold.
const REQUESTS: usize = 1000;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "unread_log::a_log_that_is_not_read_blocks_neither_requests_nor_the_shutdown",
            || {
                block_on(requests_go_on());
            },
        ),
        trial("unread_log::a_long_text_of_a_client_is_truncated_in_the_log", || {
            block_on(texts_are_cut())
        }),
    ]
}

#[expect(clippy::await_holding_lock, reason = "held on purpose, so that the log is not read")]
async fn requests_go_on() {
    let mut host = HostProcess::start(Builder::default(), &[]).await;
    let reading = host.log_lock();
    let log = reading.lock().unwrap();
    let client = host.client();
    for number in 0..REQUESTS {
        // An unknown path, and a webhook without a signature: the host logs both, and any client can send them.
        let request = if number % 2 == 0 {
            client.get(&format!("/nowhere/{}", "x".repeat(4000)))
        } else {
            client.post("/webhooks/stripe").body("{}")
        };
        assert!(request.send().await.status >= 400);
    }
    assert_eq!(client.get("/livez").send().await.status, 200);
    let _ = host.acp().open(&[("tee-classic", 1)]).await;
    host.terminate();
    wait_until("the host stops although its log is not read", async || {
        host.ended().is_some()
    })
    .await;
    drop(log);
}

async fn texts_are_cut() {
    let mut host = HostProcess::start(Builder::default(), &[]).await;
    let client = host.client();
    let long = "y".repeat(7000);
    for path in [
        format!("/{long}"),
        format!("/m/demo/{long}"),
        format!("/m/{long}/checkout_sessions"),
    ] {
        assert!(client.get(&path).send().await.status >= 400);
    }
    host.stop();
    let log = String::from_utf8_lossy(&host.log()).into_owned();
    assert!(log.contains("yyyy"), "the log must contain the requests");
    assert!(
        !log.contains(&"y".repeat(257)),
        "the log contains more than 256 bytes of a text from an unauthenticated client"
    );
}
