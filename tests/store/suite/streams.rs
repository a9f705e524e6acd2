//! Message streams: messages that must be delivered in order.

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage, QueuedMessage};
use tillhouse_checkout::ports::MessageSelection;
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

async fn claim(subject: &Subject, now: Timestamp) -> Vec<QueuedMessage> {
    subject
        .store
        .lease_messages(&host("a"), now, &MessageSelection::of_all(10))
        .await
        .unwrap()
}

fn keys(messages: &[QueuedMessage]) -> Vec<&str> {
    messages.iter().map(|it| it.message.dedupe.as_str()).collect()
}

pub(crate) async fn a_stream_is_delivered_in_order_one_at_a_time(subject: &Subject) {
    // The later messages were due earlier: the order is that of queueing.
    let mut early = in_stream("c", "cs_1");
    early.due = Timestamp(START.0 - 100);
    subject
        .commit(send(vec![in_stream("a", "cs_1"), in_stream("b", "cs_1")]))
        .await;
    subject.commit(send(vec![early])).await;
    for expected in ["a", "b", "c"] {
        let head = claim(subject, later(100)).await;
        assert_eq!(keys(&head), [expected]);
        assert_eq!(
            claim(subject, later(100)).await,
            [],
            "only one message of a stream is claimed at a time"
        );
        subject.store.mark_delivered(&head[0], later(100)).await.unwrap();
    }
    assert_eq!(claim(subject, later(100)).await, []);
}

pub(crate) async fn a_postponed_head_holds_its_stream_up(subject: &Subject) {
    subject
        .commit(send(vec![in_stream("a", "cs_1"), in_stream("b", "cs_1")]))
        .await;
    let head = claim(subject, START).await;
    subject.store.postpone(&head[0], later(50), "503").await.unwrap();
    assert_eq!(claim(subject, later(49)).await, []);
    assert_eq!(keys(&claim(subject, later(50)).await), ["a"]);
}

pub(crate) async fn a_dead_head_does_not_hold_its_stream_up(subject: &Subject) {
    subject
        .commit(send(vec![in_stream("a", "cs_1"), in_stream("b", "cs_1")]))
        .await;
    let head = claim(subject, START).await;
    subject.store.dead_letter(&head[0], START, "410").await.unwrap();
    assert_eq!(keys(&claim(subject, START).await), ["b"]);
}

pub(crate) async fn streams_and_kinds_do_not_wait_for_each_other(subject: &Subject) {
    let other_kind = OutboxMessage {
        kind: MessageKind::NotifyPlugin,
        ..in_stream("d", "cs_1")
    };
    let queued = vec![
        in_stream("a", "cs_1"),
        in_stream("b", "cs_1"),
        in_stream("c", "cs_2"),
        other_kind,
        message("e", START),
        message("f", START),
    ];
    subject.commit(send(queued)).await;
    assert_eq!(keys(&claim(subject, START).await), ["a", "c", "d", "e", "f"]);
}

pub(crate) async fn merchants_do_not_share_a_stream_or_a_message(subject: &Subject) {
    let theirs = |dedupe: &str| OutboxMessage {
        merchant: MerchantId::new("other"),
        ..in_stream(dedupe, "cs_1")
    };
    let queued = vec![in_stream("a", "cs_1"), in_stream("b", "cs_1"), theirs("a"), theirs("c")];
    subject.commit(send(queued)).await;
    let heads = claim(subject, START).await;
    assert_eq!(keys(&heads), ["a", "a"], "each merchant's stream has its own head");
    assert_ne!(heads[0].message.merchant, heads[1].message.merchant);
    for head in &heads {
        subject.store.mark_delivered(head, START).await.unwrap();
    }
    assert_eq!(keys(&claim(subject, START).await), ["b", "c"]);
}
