//! Messages to the outside.

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{Horizon, MessageFilter};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{Claimant, MessageState, QueuedMessage};

use super::Subject;
use super::fixtures::*;

async fn claim(subject: &Subject, by: &Claimant, now: Timestamp) -> Vec<QueuedMessage> {
    subject.store.claim_messages(by, now, &[], 10).await.unwrap()
}

/// Claim what is due until a lease has run out.
async fn take_over(subject: &Subject, by: &Claimant) -> QueuedMessage {
    loop {
        if let Some(message) = claim(subject, by, START).await.pop() {
            return message;
        }
        tokio::task::yield_now().await;
    }
}

fn keys(messages: &[QueuedMessage]) -> Vec<&str> {
    messages.iter().map(|it| it.message.dedupe.as_str()).collect()
}

pub(crate) async fn a_message_stays_until_it_is_delivered(subject: &Subject) {
    subject.commit(send(vec![message("a", later(5))])).await;
    assert_eq!(claim(subject, &host("a"), later(4)).await, []);
    let first = claim(subject, &host("a"), later(5)).await;
    assert_eq!(first[0].message, message("a", later(5)));
    assert_eq!(first[0].tries, 0);
    subject.store.let_go(&host("a").host).await.unwrap();
    let again = claim(subject, &host("b"), later(5)).await;
    assert_eq!(
        (again[0].id, again[0].tries),
        (first[0].id, 0),
        "claiming does not take it"
    );
    subject.store.delivered(&again[0], later(6)).await.unwrap();
    assert_eq!(claim(subject, &host("a"), later(100)).await, []);
}

pub(crate) async fn a_message_is_queued_once(subject: &Subject) {
    subject
        .commit(send(vec![message("a", START), message("a", START)]))
        .await;
    let mut changed = message("a", START);
    changed.payload = "{}".into();
    subject.commit(send(vec![changed])).await;
    let queued = claim(subject, &host("a"), START).await;
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].message, message("a", START), "the first stays as it was");
    subject.store.delivered(&queued[0], START).await.unwrap();
    subject.commit(send(vec![message("a", START)])).await;
    assert_eq!(
        claim(subject, &host("a"), START).await,
        [],
        "delivered is not queued again"
    );
    let mut other = message("a", START);
    other.kind = "orders.notify".into();
    subject.commit(send(vec![other])).await;
    assert_eq!(claim(subject, &host("a"), START).await.len(), 1);
}

pub(crate) async fn a_postponed_message_waits(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = claim(subject, &host("a"), START).await;
    subject.store.postpone(&first[0], later(50), "503").await.unwrap();
    assert_eq!(claim(subject, &host("b"), later(49)).await, []);
    let again = claim(subject, &host("b"), later(50)).await;
    assert_eq!(again[0].tries, 1);
    assert!(again[0].epoch > first[0].epoch);
    assert_eq!(
        again[0].message,
        message("a", START),
        "frozen, with the time it was first due"
    );
}

pub(crate) async fn a_buried_message_is_not_tried_again(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = claim(subject, &host("a"), START).await;
    // What another system says may hold anything.
    let reason = format!("400 \0 {}", "x".repeat(10_000));
    subject.store.bury(&first[0], later(1), &reason).await.unwrap();
    assert_eq!(claim(subject, &host("a"), later(1_000_000)).await, []);
    let filter = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    let listed = subject.store.list_messages(&filter).await.unwrap();
    assert_eq!((listed[0].state, listed[0].ended), (MessageState::Dead, Some(later(1))));
    let kept = listed[0].last_error.as_ref().unwrap();
    assert!(kept.starts_with("400") && kept.len() <= 500, "{}", kept.len());
}

pub(crate) async fn a_settled_message_stays_settled(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let claimed = claim(subject, &host("a"), START).await;
    subject.store.delivered(&claimed[0], START).await.unwrap();
    subject
        .store
        .postpone(&claimed[0], START, "a slow second worker")
        .await
        .unwrap();
    assert_eq!(claim(subject, &host("a"), later(1000)).await, []);
}

pub(crate) async fn messages_come_oldest_first(subject: &Subject) {
    let queued = [("c", 3), ("a", 1), ("b", 2), ("b2", 2)];
    subject
        .commit(send(queued.iter().map(|(key, at)| message(key, later(*at))).collect()))
        .await;
    let first = subject
        .store
        .claim_messages(&host("a"), later(3), &[], 2)
        .await
        .unwrap();
    assert_eq!(keys(&first), ["a", "b"]);
    assert_eq!(keys(&claim(subject, &host("a"), later(3)).await), ["b2", "c"]);
}

pub(crate) async fn a_message_is_claimed_by_one(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let claimed = claim(subject, &host("a"), START).await;
    assert!(claimed[0].epoch > 0);
    for by in [host("a"), host("b")] {
        assert_eq!(claim(subject, &by, later(1000)).await, []);
    }
}

pub(crate) async fn a_busy_merchant_is_passed_over(subject: &Subject) {
    let mut theirs = message("b", START);
    theirs.merchant = MerchantId::new("other");
    subject.commit(send(vec![message("a", START), theirs])).await;
    let claimed = subject.store.claim_messages(&host("a"), START, &[merchant()], 10).await;
    assert_eq!(keys(&claimed.unwrap()), ["b"]);
    assert_eq!(keys(&claim(subject, &host("a"), START).await), ["a"]);
}

/// Whatever the first one comes back with has no effect: neither on the message, nor on the lease of the second.
pub(crate) async fn a_message_is_taken_over_when_its_lease_runs_out(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = claim(subject, &short_lived("a"), START).await.pop().unwrap();
    let second = take_over(subject, &host("b")).await;
    assert_eq!(second.id, first.id);
    assert!(second.epoch > first.epoch);
    let store = &subject.store;
    store.delivered(&first, START).await.unwrap();
    store.postpone(&first, later(500), "late").await.unwrap();
    store.bury(&first, START, "late").await.unwrap();
    assert_eq!(claim(subject, &host("c"), later(1000)).await, [], "the second has it");
    store.postpone(&second, later(20), "503").await.unwrap();
    let third = claim(subject, &host("c"), later(20)).await;
    assert_eq!(third[0].tries, 1, "only the second has tried");
    store.delivered(&second, START).await.unwrap();
    store.delivered(&third[0], START).await.unwrap();
    assert_eq!(claim(subject, &host("c"), later(1_000_000)).await, []);
}

pub(crate) async fn letting_go_frees_messages(subject: &Subject) {
    subject
        .commit(send(vec![message("a", START), message("b", START)]))
        .await;
    let mine = subject.store.claim_messages(&host("a"), START, &[], 1).await.unwrap();
    let theirs = claim(subject, &host("b"), START).await;
    assert_eq!((keys(&mine), keys(&theirs)), (vec!["a"], vec!["b"]));
    subject.store.let_go(&host("a").host).await.unwrap();
    assert_eq!(keys(&claim(subject, &host("c"), START).await), ["a"]);
}

pub(crate) async fn what_ended_is_forgotten_when_it_is_old(subject: &Subject) {
    let all = ["delivered", "delivered-late", "dead", "dead-late", "queued"];
    subject.commit(send(all.map(|key| message(key, START)).to_vec())).await;
    for message in claim(subject, &host("a"), START).await {
        let store = &subject.store;
        match message.message.dedupe.as_str() {
            "delivered" => store.delivered(&message, later(9)).await.unwrap(),
            "delivered-late" => store.delivered(&message, later(10)).await.unwrap(),
            "dead" => store.bury(&message, later(19), "400").await.unwrap(),
            "dead-late" => store.bury(&message, later(20), "400").await.unwrap(),
            _ => store.postpone(&message, START, "503").await.unwrap(),
        }
    }
    let horizon = Horizon {
        expired: START,
        delivered_before: later(10),
        ended_before: later(20),
    };
    assert_eq!(subject.store.forget(&horizon).await.unwrap(), 2);
    let filter = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    let left = subject.store.list_messages(&filter).await.unwrap();
    let left: Vec<_> = left.iter().map(|it| it.message.dedupe.as_str()).collect();
    assert_eq!(left, ["delivered-late", "dead-late", "queued"]);
}
