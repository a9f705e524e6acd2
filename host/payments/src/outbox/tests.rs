//! Pauses, and what destinations do to each other.

use super::*;
use crate::testing::{START, TestHost, event_for, merchant};

use tillhouse_checkout::outbox::{MessageState, OutboxMessage};
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries as _, Store as _};
use tillhouse_checkout::unit_of_work::UnitOfWork;

#[test]
fn pauses_double_up_to_an_hour() {
    assert_eq!(
        [0, 1, 2].map(|failures| BACKOFF.pause(failures)).map(|it| it.as_secs()),
        [2, 4, 8]
    );
    assert_eq!(BACKOFF.pause(40), LONGEST_PAUSE);
}

#[test]
fn a_receiver_may_ask_for_a_longer_pause_within_the_longest() {
    let [own, hour] = [10, 3600].map(Duration::from_secs);
    for (asked, given) in [
        (None, own),
        (Some(0), own),
        (Some(9), own),
        (Some(11), Duration::from_secs(11)),
        (Some(u64::MAX), hour),
    ] {
        assert_eq!(longer_of(own, asked.map(Duration::from_secs)), given, "{asked:?}");
    }
}

async fn queue(host: &TestHost, messages: Vec<OutboxMessage>) {
    let unit = UnitOfWork {
        outbox: messages,
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
}

/// Many events for a target that hangs, before everything else.
fn backlog() -> Vec<OutboxMessage> {
    (0..200)
        .map(|n| event_for("hangs", &format!("hanging-{n}"), START))
        .collect()
}

#[tokio::test]
async fn a_target_that_hangs_delays_neither_another_target_nor_a_report() {
    let host = TestHost::start();
    let report = OutboxMessage {
        kind: MessageKind::from("of.a.newer.host".to_owned()),
        destination: None,
        ..event_for("", "obligation", START)
    };
    let mut all = backlog();
    all.extend([event_for("quick", "event", START), report]);
    queue(&host, all).await;
    let worker = tokio::spawn(host.payments.outbox().clone().run(CancellationToken::new()));
    host.publisher.until_sent("event").await;
    let filter = MessageFilter {
        merchant: Some(merchant()),
        kind: Some(MessageKind::from("of.a.newer.host".to_owned())),
        limit: 1,
        ..Default::default()
    };
    // Dead-lettered, because this host does not know its kind: it was delivered as far as it can be.
    loop {
        let found = host.store.list_messages(&filter).await.unwrap();
        if found[0].state == MessageState::Dead {
            break;
        }
        tokio::task::yield_now().await;
    }
    let hanging = host
        .publisher
        .sent()
        .iter()
        .filter(|sent| sent.starts_with("hanging"))
        .count();
    assert!((1..=16).contains(&hanging), "{hanging} of the backlog run at a time");
    worker.abort();
}

#[tokio::test]
async fn a_target_that_fails_again_and_again_is_probed_by_one_message_at_a_time() {
    let host = TestHost::start();
    queue(
        &host,
        (0..100).map(|n| event_for("fails", &n.to_string(), START)).collect(),
    )
    .await;
    let mut pool = DeliveryPool::of(MessageClass::Event);
    let sent = async |pool: &mut DeliveryPool| {
        let before = host.publisher.sent().len();
        pool.begin_all_due(host.payments.outbox()).await;
        pool.settle().await;
        host.publisher.sent().len() - before
    };
    let first = sent(&mut pool).await;
    assert!((3..=16).contains(&first), "{first} were sent before the breaker opened");
    assert_eq!(sent(&mut pool).await, 0, "the breaker is open");
    host.clock.advance(Duration::from_secs(3600));
    assert_eq!(sent(&mut pool).await, 1, "a probe");
    assert_eq!(host.publisher.last_timeout(), TIMEOUT, "a probe has the full time");
    assert_eq!(sent(&mut pool).await, 0);
}

/// A target that needs five seconds fails while the timeout is short: the probes, which have the full time, find out that it answers.
#[tokio::test]
async fn a_slow_target_that_failed_once_is_delivered_to_again() {
    let host = TestHost::start();
    let lane = event_for("slow", "", START).lane();
    let mut pool = DeliveryPool::of(MessageClass::Event);
    pool.note_failure(&lane, START);
    queue(
        &host,
        (0..10).map(|n| event_for("slow", &n.to_string(), START)).collect(),
    )
    .await;
    for _ in 0..20 {
        pool.begin_all_due(host.payments.outbox()).await;
        pool.settle().await;
        host.clock.advance(Duration::from_secs(3600));
    }
    let filter = MessageFilter {
        merchant: Some(merchant()),
        state: Some(MessageState::Delivered),
        limit: 100,
        ..Default::default()
    };
    assert_eq!(host.store.list_messages(&filter).await.unwrap().len(), 10);
}
