//! Inbox events, discrepancies and the audit log.

use tillhouse_checkout::audit::AuditRecord;
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::inbox::EventSource;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs};

use super::Subject;
use super::fixtures::*;

pub(crate) async fn an_event_is_received_once(subject: &Subject) {
    let unit = |id: &str, session_id: &str| {
        let mut unit = insert_session(session(session_id, 1));
        unit.event = Some(event(id));
        unit
    };
    subject.commit(unit("evt_1", "cs_1")).await;
    let error = subject.refused(unit("evt_1", "cs_2")).await;
    assert!(matches!(error, CommitError::EventSeen), "{error:?}");
    let effect = subject
        .store
        .session(&merchant(), &SessionId::new("cs_2"))
        .await
        .unwrap();
    assert_eq!(effect, None, "no part of the second unit is stored");
    subject.commit(unit("evt_2", "cs_2")).await;
    let elsewhere = InboxEvent {
        source: EventSource::Processor(merchant()),
        ..event("evt_1")
    };
    subject.commit(receive(elsewhere)).await;
}

pub(crate) async fn events_are_listed_by_source(subject: &Subject) {
    for id in ["evt_1", "evt_2", "evt_3"] {
        subject.commit(receive(event(id))).await;
        let elsewhere = InboxEvent {
            source: EventSource::Processor(merchant()),
            ..event(id)
        };
        subject.commit(receive(elsewhere)).await;
    }
    let list = async |after, limit| {
        subject
            .store
            .list_events(&EventSource::Stripe(merchant()), after, limit)
            .await
            .unwrap()
    };
    let all = list(0, 10).await;
    let expected = ["evt_1", "evt_2", "evt_3"].map(event);
    assert_eq!(all.iter().map(|(_, it)| it.clone()).collect::<Vec<_>>(), expected);
    assert!(all.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!(list(all[0].0, 1).await, all[1..2]);
    assert_eq!(list(all[2].0, 10).await, []);
}

pub(crate) async fn a_break_is_kept_as_it_was_first_seen(subject: &Subject) {
    subject.commit(note(found("ch_1"))).await;
    let again = Discrepancy {
        detail: "found again".into(),
        found: later(10),
        ..found("ch_1")
    };
    // The rest of the unit is committed nevertheless.
    let mut unit = note(again);
    unit.audit = Some(entry("ch_1"));
    subject.commit(unit).await;
    let other = Discrepancy {
        kind: "missing_at_processor".into(),
        attempt: None,
        ..found("ch_1")
    };
    subject.commit(note(other.clone())).await;
    subject.commit(note(found("ch_2"))).await;
    let all = subject.store.list_discrepancies(10).await.unwrap();
    assert_eq!(all, [found("ch_1"), other, found("ch_2")]);
    assert_eq!(subject.store.list_discrepancies(1).await.unwrap(), all[..1]);
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap().len(), 1);
}

pub(crate) async fn the_audit_log_is_one_chain(subject: &Subject) {
    for n in 1..=5 {
        subject.commit(audit(entry(&format!("pa_{n}")))).await;
        // A failed unit leaves neither an entry nor a gap.
        let mut failing = audit(entry("lost"));
        failing.staged.writes = vec![add("stock", -1, Some(0))];
        subject.refused(failing).await;
    }
    let log = subject.store.audit_log(0, 10).await.unwrap();
    assert_eq!(log.len(), 5);
    verify(&log);
    assert_eq!(log[0].entry, entry("pa_1"));
    assert_eq!(subject.store.audit_log(3, 10).await.unwrap(), log[3..]);
    assert_eq!(subject.store.audit_log(1, 2).await.unwrap(), log[1..3]);
}

/// Verifies the hash chain from the first record on.
pub(crate) fn verify(log: &[AuditRecord]) {
    let mut last = None;
    for record in log {
        record.verify(last).unwrap();
        last = Some((record.seq, record.hash.as_str()));
    }
}

pub(crate) async fn old_events_are_forgotten(subject: &Subject) {
    for (id, received) in [("evt_1", 9), ("evt_2", 10)] {
        let event = InboxEvent {
            received: later(received),
            ..event(id)
        };
        subject.commit(receive(event)).await;
    }
    subject.commit(audit(entry("pa_1"))).await;
    subject.commit(note(found("ch_1"))).await;
    let cutoffs = RetentionCutoffs {
        expired: later(1000),
        delivered_before: later(1000),
        ended_before: later(10),
    };
    assert_eq!(subject.store.purge(&cutoffs).await.unwrap(), 1);
    let left = subject
        .store
        .list_events(&EventSource::Stripe(merchant()), 0, 10)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].1.id, "evt_2");
    assert_eq!(subject.store.audit_log(0, 10).await.unwrap().len(), 1);
    assert_eq!(subject.store.list_discrepancies(10).await.unwrap().len(), 1);
}
