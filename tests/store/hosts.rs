//! Whole hosts that share one PostgreSQL: they have nothing in common but its URL.

use libtest_mimic::Trial;
use std::net::SocketAddr;
use std::sync::Arc;
use tillhouse_tests::{Release, TestHost};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::postgres::Server;
use crate::trials;

const RELEASE: Release = Release::V2026_04_17;
/// An item of which one unit is in stock.
const ITEM: &[(&str, u32)] = &[("print-last", 1)];

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let is_absent = server.is_absent();
    let trials = trials!("hosts", server;
        a_purchase_goes_on_at_another_host, the_last_one_is_sold_once, a_host_that_died_leaves_nothing_behind,
        a_host_is_not_ready_before_its_start_is_written_down,
    );
    trials.into_iter().map(|it| it.with_ignored_flag(is_absent)).collect()
}

async fn host(url: &str) -> TestHost {
    TestHost::builder().set(&format!("store.url = \"{url}\"")).start().await
}

async fn a_purchase_goes_on_at_another_host(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (first, mut second) = (host(url).await, host(url).await);
    let session = first.acp(RELEASE).ready(ITEM).await;
    let token = second.token(session.total("total")).await;
    let paid = second
        .acp(RELEASE)
        .completion(session.id(), &token)
        .key("pay")
        .send()
        .await;
    let paid = paid.expect(200).is("completed");
    assert_eq!((first.charges(), second.charges()), (0, 1));
    // A response that one host has recorded is replayed by the other.
    let replay = first
        .acp(RELEASE)
        .completion(session.id(), &token)
        .key("pay")
        .send()
        .await;
    let replay = replay.expect(200);
    assert!(replay.is_replay());
    assert_eq!(replay.body, paid.body);
    second.restart().await;
    for host in [&first, &second] {
        let shown = host
            .acp(RELEASE)
            .retrieve(session.id())
            .await
            .expect(200)
            .is("completed");
        assert_eq!(shown["totals"], paid["totals"]);
        let _ = host.acp(RELEASE).open(ITEM).await.message("out_of_stock");
    }
    assert_eq!((first.charges(), second.charges()), (0, 1));
    first.stop().await;
    second.stop().await;
}

async fn the_last_one_is_sold_once(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (first, second) = (host(url).await, host(url).await);
    let (one, other) = (
        first.acp(RELEASE).ready(ITEM).await,
        second.acp(RELEASE).ready(ITEM).await,
    );
    let tokens = (
        first.token(one.total("total")).await,
        second.token(other.total("total")).await,
    );
    let (agent, rival) = (first.acp(RELEASE), second.acp(RELEASE));
    let answers = tokio::join!(
        agent.complete(one.id(), &tokens.0),
        rival.complete(other.id(), &tokens.1)
    );
    let sold = [&answers.0, &answers.1]
        .into_iter()
        .filter(|it| it["status"] == "completed")
        .count();
    assert_eq!(sold, 1, "{} {}", answers.0.text(), answers.1.text());
    assert_eq!(first.charges() + second.charges(), 1);
    first.stop().await;
    second.stop().await;
}

/// A host dies between two requests; the other host serves its sessions, and so does the first one when it is back.
async fn a_host_that_died_leaves_nothing_behind(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (mut first, second) = (host(url).await, host(url).await);
    let session = first.acp(RELEASE).ready(ITEM).await;
    first.kill();
    let token = second.token(session.total("total")).await;
    let paid = second.acp(RELEASE).complete(session.id(), &token).await;
    let paid = paid.expect(200).is("completed");
    first.start_again().await;
    let shown = first
        .acp(RELEASE)
        .retrieve(session.id())
        .await
        .expect(200)
        .is("completed");
    assert_eq!(shown["totals"], paid["totals"]);
    first.stop().await;
    second.stop().await;
}

/// Advisory lock of the audit log: while a session holds it, no other can append to the log.
const AUDIT: i64 = 0x7469_6c6c_6175_6469;

/// A host that cannot record its start in the audit log must fail, and must not have been ready before.
async fn a_host_is_not_ready_before_its_start_is_written_down(server: &Server) {
    let database = server.get().database().await;
    let (audit, connection) = tokio_postgres::connect(database.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    audit.query("SELECT pg_advisory_lock($1)", &[&AUDIT]).await.unwrap();
    let address = address_to_ask_at().await;
    let plan = format!("store.url = \"{}\"\nserver.listen = \"{address}\"", database.url());
    let starting = tokio::spawn(async move { TestHost::builder().set(&plan).start().await });
    let response = loop {
        match readiness(address).await {
            Some(response) => break response,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    audit.query("SELECT pg_advisory_unlock($1)", &[&AUDIT]).await.unwrap();
    let host = starting.await.unwrap();
    let response = readiness(address).await.unwrap_or_default();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    host.stop().await;
}

/// A free address outside the range of ephemeral ports: an ephemeral port could be taken by one of the test's own connections,
/// and then the host could not bind it.
async fn address_to_ask_at() -> SocketAddr {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    for port in first..32_000 {
        if let Ok(free) = TcpListener::bind(("127.0.0.1", port)).await {
            return free.local_addr().unwrap();
        }
    }
    panic!("no free port from {first} to 32000");
}

async fn readiness(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let ask = b"GET /readyz HTTP/1.1\r\nhost: till\r\nconnection: close\r\n\r\n";
    stream.write_all(ask).await.ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await.ok()?;
    Some(response)
}
