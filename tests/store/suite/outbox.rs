//! The outbox: messages to other systems.

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::outbox::{DeliveryLane, MessageClass, MessageKind, MessageState, OutboxMessage, QueuedMessage};
use tillhouse_checkout::ports::{MessageFilter, MessageSelection, RetentionCutoffs};
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

async fn claim(subject: &Subject, by: &LeaseHolder, now: Timestamp) -> Vec<QueuedMessage> {
    subject
        .store
        .lease_messages(by, now, &MessageSelection::of_all(10))
        .await
        .unwrap()
}

/// Polls until a lease has expired and this holder has leased the message.
async fn take_over(subject: &Subject, by: &LeaseHolder) -> QueuedMessage {
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
    subject.store.release_leases(&host("a").host).await.unwrap();
    let again = claim(subject, &host("b"), later(5)).await;
    assert_eq!(
        (again[0].id, again[0].tries),
        (first[0].id, 0),
        "claiming does not remove the message"
    );
    subject.store.mark_delivered(&again[0], later(6)).await.unwrap();
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
    assert_eq!(queued[0].message, message("a", START), "the first message is unchanged");
    subject.store.mark_delivered(&queued[0], START).await.unwrap();
    subject.commit(send(vec![message("a", START)])).await;
    assert_eq!(
        claim(subject, &host("a"), START).await,
        [],
        "a delivered message is not queued again"
    );
    let mut other = message("a", START);
    other.kind = MessageKind::NotifyPlugin;
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
        "the payload and the first due time are unchanged"
    );
}

pub(crate) async fn a_buried_message_is_not_tried_again(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = claim(subject, &host("a"), START).await;
    // The error text of another system may contain anything.
    let reason = format!("400 \0 {}", "x".repeat(10_000));
    subject.store.dead_letter(&first[0], later(1), &reason).await.unwrap();
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
    subject.store.mark_delivered(&claimed[0], START).await.unwrap();
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
        .lease_messages(&host("a"), later(3), &MessageSelection::of_all(2))
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
    let of_others = MessageSelection {
        except_merchants: vec![merchant()],
        ..MessageSelection::of_all(10)
    };
    assert_eq!(keys(&select(subject, &of_others).await), ["b"]);
    assert_eq!(keys(&claim(subject, &host("a"), START).await), ["a"]);
}

/// An order event for a webhook target.
fn event_for(target: &str, dedupe: &str) -> OutboxMessage {
    OutboxMessage {
        kind: MessageKind::OrderEvent,
        destination: Some(target.into()),
        ..message(dedupe, START)
    }
}

async fn select(subject: &Subject, selection: &MessageSelection) -> Vec<QueuedMessage> {
    subject
        .store
        .lease_messages(&host("a"), START, selection)
        .await
        .unwrap()
}

/// The same target name at another merchant, and another kind of message, are other lanes.
pub(crate) async fn a_lane_is_passed_over_without_its_neighbours(subject: &Subject) {
    let theirs = OutboxMessage {
        merchant: MerchantId::new("other"),
        ..event_for("erp", "theirs")
    };
    let report = message("report", START);
    let all = vec![
        event_for("erp", "e1"),
        event_for("erp", "e2"),
        event_for("crm", "c"),
        theirs,
        report,
    ];
    subject.commit(send(all)).await;
    let lane = event_for("erp", "").lane();
    let others = MessageSelection {
        except_lanes: vec![lane.clone()],
        ..MessageSelection::of_all(10)
    };
    let leased = select(subject, &others).await;
    assert_eq!(keys(&leased), ["c", "theirs", "report"]);
    assert_eq!(leased[0].message.destination.as_deref(), Some("crm"));
    let probe = MessageSelection {
        lane: Some(lane),
        ..MessageSelection::of_all(1)
    };
    assert_eq!(keys(&select(subject, &probe).await), ["e1"]);
    let nowhere = MessageSelection {
        lane: Some(DeliveryLane {
            destination: None,
            ..event_for("erp", "").lane()
        }),
        ..MessageSelection::of_all(10)
    };
    assert_eq!(select(subject, &nowhere).await, []);
    assert_eq!(keys(&select(subject, &MessageSelection::of_all(10)).await), ["e2"]);
}

pub(crate) async fn obligations_and_events_are_leased_apart(subject: &Subject) {
    let release = OutboxMessage {
        kind: MessageKind::ReleaseReservation,
        ..message("release", START)
    };
    let newer = OutboxMessage {
        kind: MessageKind::from("of.a.newer.host".to_owned()),
        ..message("newer", START)
    };
    let all = vec![event_for("erp", "event"), message("report", START), release, newer];
    subject.commit(send(all)).await;
    let of = |class| MessageSelection {
        class: Some(class),
        ..MessageSelection::of_all(10)
    };
    let obligations = select(subject, &of(MessageClass::Obligation)).await;
    assert_eq!(keys(&obligations), ["report", "release", "newer"]);
    assert_eq!(keys(&select(subject, &of(MessageClass::Event)).await), ["event"]);
}

/// Nothing that the first holder writes has an effect, neither on the message nor on the lease of the second holder.
pub(crate) async fn a_message_is_taken_over_when_its_lease_runs_out(subject: &Subject) {
    subject.commit(send(vec![message("a", START)])).await;
    let first = claim(subject, &short_lived("a"), START).await.pop().unwrap();
    let second = take_over(subject, &host("b")).await;
    assert_eq!(second.id, first.id);
    assert!(second.epoch > first.epoch);
    let store = &subject.store;
    store.mark_delivered(&first, START).await.unwrap();
    store.postpone(&first, later(500), "late").await.unwrap();
    store.dead_letter(&first, START, "late").await.unwrap();
    assert_eq!(
        claim(subject, &host("c"), later(1000)).await,
        [],
        "the second holder has the lease"
    );
    store.postpone(&second, later(20), "503").await.unwrap();
    let third = claim(subject, &host("c"), later(20)).await;
    assert_eq!(third[0].tries, 1, "only the second holder has made an attempt");
    store.mark_delivered(&second, START).await.unwrap();
    store.mark_delivered(&third[0], START).await.unwrap();
    assert_eq!(claim(subject, &host("c"), later(1_000_000)).await, []);
}

pub(crate) async fn letting_go_frees_messages(subject: &Subject) {
    subject
        .commit(send(vec![message("a", START), message("b", START)]))
        .await;
    let mine = subject
        .store
        .lease_messages(&host("a"), START, &MessageSelection::of_all(1))
        .await
        .unwrap();
    let theirs = claim(subject, &host("b"), START).await;
    assert_eq!((keys(&mine), keys(&theirs)), (vec!["a"], vec!["b"]));
    subject.store.release_leases(&host("a").host).await.unwrap();
    assert_eq!(keys(&claim(subject, &host("c"), START).await), ["a"]);
}

pub(crate) async fn what_ended_is_forgotten_when_it_is_old(subject: &Subject) {
    let all = ["delivered", "delivered-late", "dead", "dead-late", "queued"];
    subject.commit(send(all.map(|key| message(key, START)).to_vec())).await;
    for message in claim(subject, &host("a"), START).await {
        let store = &subject.store;
        match message.message.dedupe.as_str() {
            "delivered" => store.mark_delivered(&message, later(9)).await.unwrap(),
            "delivered-late" => store.mark_delivered(&message, later(10)).await.unwrap(),
            "dead" => store.dead_letter(&message, later(19), "400").await.unwrap(),
            "dead-late" => store.dead_letter(&message, later(20), "400").await.unwrap(),
            _ => store.postpone(&message, START, "503").await.unwrap(),
        }
    }
    let cutoffs = RetentionCutoffs {
        expired: START,
        delivered_before: later(10),
        ended_before: later(20),
    };
    assert_eq!(subject.store.purge(&cutoffs).await.unwrap(), 2);
    let filter = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    let left = subject.store.list_messages(&filter).await.unwrap();
    let left: Vec<_> = left.iter().map(|it| it.message.dedupe.as_str()).collect();
    assert_eq!(left, ["delivered-late", "dead-late", "queued"]);
}
