//! Queries of operators, and what operators may do with messages.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::attempt::AttemptStatus::{Approved, Charging, Declined, Unknown};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::outbox::{MessageKind, MessageState, OutboxMessage};
use tillhouse_checkout::ports::{AttemptFilter, MessageFilter, MessageSelection};

use super::Subject;
use super::fixtures::*;
use super::journal::verify;

pub(crate) async fn attempts_are_listed_by_any_condition(subject: &Subject) {
    for (n, state) in [Declined, Approved, Unknown, Charging].into_iter().enumerate() {
        // The first two attempts belong to one checkout.
        let mut stored = attempt(&format!("pa_{n}"), &format!("cs_{}", n.max(1)), state);
        stored.initiated = later(n as u64);
        if n == 3 {
            stored.merchant = MerchantId::new("other");
        }
        subject.commit(insert_attempt(stored)).await;
    }
    let any = || AttemptFilter {
        limit: 10,
        ..AttemptFilter::default()
    };
    let cases: [(AttemptFilter, &[&str]); 8] = [
        (any(), &["pa_0", "pa_1", "pa_2", "pa_3"]),
        (AttemptFilter { limit: 2, ..any() }, &["pa_0", "pa_1"]),
        (
            AttemptFilter {
                merchant: Some(MerchantId::new("other")),
                ..any()
            },
            &["pa_3"],
        ),
        (
            AttemptFilter {
                session: Some(SessionId::new("cs_1")),
                ..any()
            },
            &["pa_0", "pa_1"],
        ),
        (
            AttemptFilter {
                states: vec![Unknown, Declined],
                ..any()
            },
            &["pa_0", "pa_2"],
        ),
        (
            AttemptFilter {
                since: Some(later(1)),
                until: Some(later(3)),
                ..any()
            },
            &["pa_1", "pa_2"],
        ),
        (
            AttemptFilter {
                merchant: Some(merchant()),
                states: vec![Charging],
                ..any()
            },
            &[],
        ),
        (AttemptFilter::default(), &[]),
    ];
    for (filter, expected) in cases {
        let found: Vec<Attempt> = subject.store.list_attempts(&filter).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// One message in each state: `a` is queued, `b` delivered, `c` dead, `d` dead and of another kind and merchant.
async fn messages(subject: &Subject) {
    let other = OutboxMessage {
        kind: MessageKind::NotifyPlugin,
        merchant: MerchantId::new("other"),
        ..message("d", START)
    };
    let mut queued = ["a", "b", "c"].map(|key| message(key, START)).to_vec();
    queued.push(other);
    subject.commit(send(queued)).await;
    for message in subject
        .store
        .lease_messages(&host("a"), START, &MessageSelection::of_all(10))
        .await
        .unwrap()
    {
        let store = &subject.store;
        match message.message.dedupe.as_str() {
            "a" => store.postpone(&message, later(5), "503").await.unwrap(),
            "b" => store.mark_delivered(&message, later(6)).await.unwrap(),
            _ => store.dead_letter(&message, later(7), "410").await.unwrap(),
        }
    }
}

fn any() -> MessageFilter {
    MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    }
}

fn dead() -> MessageFilter {
    MessageFilter {
        state: Some(MessageState::Dead),
        ..any()
    }
}

async fn list(subject: &Subject, filter: &MessageFilter) -> Vec<String> {
    let found = subject.store.list_messages(filter).await.unwrap();
    found.into_iter().map(|it| it.message.dedupe).collect()
}

pub(crate) async fn messages_are_listed_by_any_condition(subject: &Subject) {
    messages(subject).await;
    let all = subject.store.list_messages(&any()).await.unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|it| (it.state, it.ended, it.last_error.as_deref()))
        .collect();
    let dead_as = (MessageState::Dead, Some(later(7)), Some("410"));
    let expected = [
        (MessageState::Queued, None, Some("503")),
        (MessageState::Delivered, Some(later(6)), None),
        dead_as,
        dead_as,
    ];
    assert_eq!(seen, expected);
    assert!(all.iter().all(|it| it.tries == 1));
    assert_eq!(all[0].next_try, later(5));
    assert_eq!(all[0].message, message("a", START));
    let cases: [(MessageFilter, &[&str]); 6] = [
        (MessageFilter { limit: 1, ..any() }, &["a"]),
        (
            MessageFilter {
                id: Some(all[1].id),
                ..any()
            },
            &["b"],
        ),
        (
            MessageFilter {
                merchant: Some(merchant()),
                ..any()
            },
            &["a", "b", "c"],
        ),
        (
            MessageFilter {
                kind: Some(MessageKind::NotifyPlugin),
                ..any()
            },
            &["d"],
        ),
        (dead(), &["c", "d"]),
        (
            MessageFilter {
                merchant: Some(merchant()),
                ..dead()
            },
            &["c"],
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(list(subject, &filter).await, expected, "{filter:?}");
    }
}

pub(crate) async fn dead_messages_are_queued_once_more(subject: &Subject) {
    messages(subject).await;
    let store = &subject.store;
    let filter = MessageFilter {
        merchant: Some(merchant()),
        ..dead()
    };
    assert_eq!(store.replay_messages(&filter, later(30), entry("c")).await.unwrap(), 1);
    assert_eq!(store.replay_messages(&filter, later(30), entry("c")).await.unwrap(), 0);
    let claim = async |at| {
        store
            .lease_messages(&host("b"), at, &MessageSelection::of_all(10))
            .await
            .unwrap()
    };
    let early = claim(later(29)).await;
    assert_eq!(early.len(), 1, "only `a` is due: it was queued all along");
    let again = claim(later(30)).await;
    assert_eq!(again[0].message, message("c", START), "the message is unchanged");
    store.mark_delivered(&again[0], later(31)).await.unwrap();
    // Delivered messages too, but never queued ones.
    let delivered = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    assert_eq!(
        store
            .replay_messages(&delivered, later(40), entry("all"))
            .await
            .unwrap(),
        3
    );
    assert_eq!(list(subject, &dead()).await, [""; 0]);
    assert_eq!(claim(later(40)).await.len(), 3);
}

pub(crate) async fn replaying_writes_into_the_audit_log(subject: &Subject) {
    subject.commit(audit(entry("first"))).await;
    messages(subject).await;
    subject
        .store
        .replay_messages(&dead(), later(30), entry("replay"))
        .await
        .unwrap();
    subject.commit(audit(entry("last"))).await;
    let log = subject.store.audit_log(0, 10).await.unwrap();
    let subjects: Vec<_> = log.iter().map(|it| it.entry.subject.as_str()).collect();
    assert_eq!(subjects, ["first", "replay", "last"]);
    verify(&log);
}
