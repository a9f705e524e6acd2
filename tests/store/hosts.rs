//! Whole hosts over one PostgreSQL: its URL is all that they are told.

use libtest_mimic::Trial;
use std::sync::Arc;
use tillhouse_tests::{Release, TestHost};

use crate::postgres::Server;
use crate::trials;

const RELEASE: Release = Release::V2026_04_17;
/// There is one of it.
const ITEM: &[(&str, u32)] = &[("print-last", 1)];

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let is_absent = server.is_absent();
    let trials = trials!("hosts", server;
        a_purchase_goes_on_at_another_host, the_last_one_is_sold_once, a_host_that_died_leaves_nothing_behind,
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
    // An answer that one host has recorded is given again by the other.
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

/// It goes down between two requests; the other serves what it began, and so does it when it comes back.
async fn a_host_that_died_leaves_nothing_behind(server: &Server) {
    let database = server.get().database().await;
    let url = database.url();
    let (mut first, second) = (host(url).await, host(url).await);
    let session = first.acp(RELEASE).ready(ITEM).await;
    first.kill();
    let token = second.token(session.total("total")).await;
    let paid = second.acp(RELEASE).complete(session.id(), &token).await;
    let paid = paid.expect(200).is("completed");
    first.revive().await;
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
