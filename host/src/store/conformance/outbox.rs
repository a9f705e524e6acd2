//! Messages to the outside.

use crate::checkout::time::Timestamp;
use crate::checkout::unit::QueuedMessage;

use super::Subject;
use super::fixtures::*;

/// What a worker gets, and lets go of at once.
async fn due(subject: &Subject, now: Timestamp) -> Vec<QueuedMessage> {
    let worker = claimant("host_1");
    let claimed = subject.store.claim_messages(&worker, now, &[], 10).await.unwrap();
    subject.store.let_go(&worker.host).await.unwrap();
    claimed
}

fn later(millis: u64) -> Timestamp {
    Timestamp(START.0 + millis)
}

pub(crate) async fn a_message_stays_until_it_is_delivered(subject: &Subject) {
    subject.commit(send(vec![message("a", later(5))])).await;
    assert_eq!(due(subject, later(4)).await, []);
    let first = due(subject, later(5)).await;
    assert_eq!(first[0].message, message("a", later(5)));
    assert_eq!(first[0].tries, 0);
    let again = due(subject, later(5)).await;
    assert_eq!(again[0].message, first[0].message, "looking does not take it");
    subject.store.delivered(&again[0], later(6)).await.unwrap();
    assert_eq!(due(subject, later(100)).await, []);
}

pub(crate) async fn a_message_is_queued_once(subject: &Subject) {
    subject
        .commit(send(vec![message("a", START), message("a", START)]))
        .await;
    let mut changed = message("a", START);
    changed.payload = "{}".into();
    subject.commit(send(vec![changed])).await;
    let queued = due(subject, START).await;
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].message, message("a", START), "the first stays as it was");
    subject.store.delivered(&queued[0], START).await.unwrap();
    subject.commit(send(vec![message("a", START)])).await;
    assert_eq!(due(subject, START).await, [], "delivered is not queued again");
    let mut other = message("a", START);
    other.kind = "orders.notify".into();
    subject.commit(send(vec![other])).await;
    assert_eq!(due(subject, START).await.len(), 1);
}

pub(crate) async fn a_postponed_message_waits(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = due(subject, START).await.remove(0);
    subject.store.postpone(&first, later(50), "503").await.unwrap();
    assert_eq!(due(subject, later(49)).await, []);
    let again = due(subject, later(50)).await;
    assert_eq!(again[0].tries, 1);
    assert_eq!(
        again[0].message,
        message("a", START),
        "frozen, with the time it was first due"
    );
}

pub(crate) async fn a_buried_message_is_not_tried_again(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = due(subject, START).await.remove(0);
    subject.store.bury(&first, START, "400").await.unwrap();
    assert_eq!(due(subject, later(1_000_000)).await, []);
}

pub(crate) async fn a_settled_message_stays_settled(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = due(subject, START).await.remove(0);
    subject.store.delivered(&first, START).await.unwrap();
    subject
        .store
        .postpone(&first, START, "a slow second worker")
        .await
        .unwrap();
    assert_eq!(due(subject, later(1000)).await, []);
}

pub(crate) async fn messages_come_oldest_first(subject: &Subject) {
    let queued = [("c", 3), ("a", 1), ("b", 2), ("b2", 2)];
    subject
        .commit(send(queued.iter().map(|(key, at)| message(key, later(*at))).collect()))
        .await;
    let all = due(subject, later(3)).await;
    let order: Vec<_> = all.iter().map(|it| it.message.dedupe.as_str()).collect();
    assert_eq!(order, ["a", "b", "b2", "c"]);
    let worker = claimant("host_1");
    let two = subject.store.claim_messages(&worker, later(3), &[], 2).await.unwrap();
    let order: Vec<_> = two.iter().map(|it| it.message.dedupe.as_str()).collect();
    assert_eq!(order, ["a", "b"]);
}
