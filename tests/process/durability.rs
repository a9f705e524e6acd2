//! `charging` is durable before the charge is sent: shown by the order of the host's system calls.

mod trace;

use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{TestFolder, TestHost};

use crate::{block_on, trial};
use trace::{Event, check, events};

const PURCHASES: usize = 10;

/// The acquirer's port in the handwritten logs.
const PORT: u16 = 4020;

pub(crate) fn trials() -> Vec<Trial> {
    let name = "durability::a_charge_is_durable_before_its_connection_is_made";
    let traced = trial(name, || block_on(a_charge_is_durable_before_its_connection_is_made()));
    vec![
        trial(
            "durability::the_checker_takes_the_right_order_only",
            the_checker_takes_the_right_order_only,
        ),
        traced.with_ignored_flag(!can_trace()),
    ]
}

/// Whether strace is installed and allowed to trace.
fn can_trace() -> bool {
    let traced = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    traced.is_ok_and(|status| status.success())
}

async fn a_charge_is_durable_before_its_connection_is_made() {
    let folder = TestFolder::new();
    let file = folder.path().join("strace");
    let output = file.to_str().expect("a path in UTF-8");
    let calls = "trace=fsync,fdatasync,connect,write,pwrite64,writev,pwritev,sendto,sendmsg";
    // `-y` prints the names of files; `-s` prints whole pages.
    let strace = [
        "strace",
        "--seccomp-bpf",
        "-f",
        "-y",
        "-s",
        "8192",
        "-o",
        output,
        "-e",
        calls,
    ];
    let mut host = HostProcess::start(TestHost::builder(), &strace).await;
    for _ in 0..PURCHASES {
        let _ = host.acp().buy(&[("tee-classic", 1)]).await;
    }
    let port = host.sandbox.acquirer.address().port();
    host.stop();
    let log = std::fs::read(&file).expect("the log of strace can be read");
    let events = events(&String::from_utf8_lossy(&log));
    assert_eq!(check(&events, port), Ok(PURCHASES));
    is_refused_in_every_wrong_order(&events, port);
}

/// Asserts that the check fails if syncs are missing or late, or if writes are late.
fn is_refused_in_every_wrong_order(events: &[Event], port: u16) {
    let without = |unwanted: fn(&Event) -> bool| -> Vec<Event> {
        let kept = events.iter().filter(|event| !unwanted(event));
        kept.cloned().collect()
    };
    let is_sync = |event: &Event| matches!(event, Event::SyncBegun { .. } | Event::Synced { .. });
    check(&without(is_sync), port).expect_err("accepted without any sync");
    let late = |late: fn(&Event) -> bool| -> Vec<Event> {
        let (late, kept): (Vec<Event>, Vec<Event>) = events.iter().cloned().partition(late);
        [kept, late].concat()
    };
    check(&late(is_sync), port).expect_err("accepted although synced after the charge");
    let is_write = |event: &Event| matches!(event, Event::Wrote { .. });
    check(&late(is_write), port).expect_err("accepted although written after the charge");
}

/// A log as strace writes it, of two threads.
const RIGHT: &str = r#"
7 pwrite64(9</tmp/x/store/tillhouse.db-wal>, "\0\1{\"state\":\"resolving\",\"charge_digest\":null}", 4096, 56) = 4096
7 fdatasync(9</tmp/x/store/tillhouse.db-wal>) = 0
7 pwrite64(9</tmp/x/store/tillhouse.db-wal>, "\0\1{\"state\":\"charging\",\"charge_digest\":\"ab12\"}", 4096, 4176) = 4096
7 fdatasync(9</tmp/x/store/tillhouse.db-wal> <unfinished ...>
8 connect(12<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(5432), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 <... fdatasync resumed>)                = 0
8 connect(13<TCP:[2]>, {sa_family=AF_INET, sin_port=htons(4020), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Operation now in progress)
"#;

fn the_checker_takes_the_right_order_only() {
    let right = events(RIGHT);
    assert_eq!(check(&right, PORT), Ok(1));
    is_refused_in_every_wrong_order(&right, PORT);

    let wrong = |from: &str, to: &str| {
        let log = RIGHT.replace(from, to);
        assert_ne!(log, RIGHT, "the log does not contain {from}");
        check(&events(&log), PORT).expect_err(to);
    };
    wrong("7 <... fdatasync resumed>)                = 0", "");
    wrong(
        "7 <... fdatasync resumed>)                = 0",
        "7 <... fdatasync resumed>) = -1 EIO (Input/output error)",
    );
    wrong(
        "fdatasync(9</tmp/x/store/tillhouse.db-wal> <unf",
        "fdatasync(9</tmp/x/store/other> <unf",
    );
    wrong(r#"\"charge_digest\":\"ab12\""#, r#"\"charge_digest\":null"#);
    // A second charge after the entry of the first one only.
    let connect = RIGHT.lines().last().expect("the log has a last line");
    check(&events(&format!("{RIGHT}{connect}\n")), PORT).expect_err("accepted two charges with one entry");
}
