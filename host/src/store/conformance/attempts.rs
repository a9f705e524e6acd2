//! Payment attempts: what makes money move once.

use crate::checkout::attempt::Attempt;
use crate::checkout::attempt::AttemptState::{
    self, Approved, Charging, Declined, Failed, NeedsReview, Reserved, Resolving, Unknown, Voiding,
};
use crate::checkout::ids::{AttemptId, MerchantId, ProcessorReference, SessionId, TokenId};
use crate::checkout::ports::CommitError;
use crate::checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

fn with_token(mut attempt: Attempt, token: &str) -> Attempt {
    attempt.token = TokenId::new(token);
    attempt
}

fn in_state(attempt: &Attempt, state: AttemptState) -> Attempt {
    Attempt {
        state,
        ..attempt.clone()
    }
}

pub(crate) async fn a_checkout_has_one_live_attempt(subject: &Subject) {
    for (n, state) in AttemptState::ALL
        .into_iter()
        .filter(|state| state.is_live())
        .enumerate()
    {
        let checkout = format!("cs_{n}");
        subject
            .commit(insert_attempt(attempt(&format!("pa_{n}"), &checkout, state)))
            .await;
        let second = attempt(&format!("pa_{n}_again"), &checkout, Reserved);
        let error = subject.refused(insert_attempt(second)).await;
        assert!(matches!(error, CommitError::LiveAttempt), "{state:?}: {error:?}");
    }
}

pub(crate) async fn a_refused_attempt_makes_room_for_another(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    let second = attempt("pa_2", "cs_1", Charging);
    subject.commit(insert_attempt(second.clone())).await;
    subject
        .commit(replace_attempt(in_state(&second, Declined), Charging))
        .await;
    subject.commit(insert_attempt(attempt("pa_3", "cs_1", Reserved))).await;
    let all = subject.store.attempts_of(&SessionId::new("cs_1")).await.unwrap();
    let seen: Vec<_> = all.iter().map(|it| (it.id.as_str(), it.state)).collect();
    assert_eq!(seen, [("pa_1", Failed), ("pa_2", Declined), ("pa_3", Reserved)]);
}

pub(crate) async fn an_attempt_moves_only_from_the_state_it_is_in(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Resolving), Reserved))
        .await;
    let late = subject
        .refused(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    assert!(matches!(late, CommitError::Attempt), "{late:?}");
    let unknown = attempt("pa_2", "cs_2", Resolving);
    let missing = subject.refused(replace_attempt(unknown, Reserved)).await;
    assert!(matches!(missing, CommitError::Attempt), "{missing:?}");
    let stored = subject.store.attempt(&AttemptId::new("pa_1")).await.unwrap();
    assert_eq!(stored, Some(in_state(&first, Resolving)));
}

pub(crate) async fn a_resolved_token_is_used_up(subject: &Subject) {
    let first = with_token(attempt("pa_1", "cs_1", Reserved), "spt");
    let second = with_token(attempt("pa_2", "cs_2", Reserved), "spt");
    let (token, elsewhere) = (TokenId::new("spt"), SessionId::new("cs_2"));
    subject.commit(insert_attempt(first.clone())).await;
    subject.commit(insert_attempt(second.clone())).await;
    let used = subject.store.token_used(&merchant(), &token, &elsewhere).await;
    assert!(!used.unwrap(), "reserved is not used");

    subject
        .commit(replace_attempt(in_state(&first, Resolving), Reserved))
        .await;
    let used = subject.store.token_used(&merchant(), &token, &elsewhere).await;
    assert!(used.unwrap(), "resolving may have burned it");
    let own = subject.store.token_used(&merchant(), &token, &first.session).await;
    assert!(!own.unwrap(), "by its own checkout");
    let other = MerchantId::new("other");
    let theirs = subject.store.token_used(&other, &token, &elsewhere).await;
    assert!(!theirs.unwrap(), "another merchant");

    let error = subject
        .refused(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
    assert!(matches!(error, CommitError::TokenUsed), "{error:?}");
    // A failure after resolving does not give the token back.
    subject
        .commit(replace_attempt(in_state(&first, Failed), Resolving))
        .await;
    let error = subject
        .refused(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
    assert!(matches!(error, CommitError::TokenUsed), "{error:?}");
}

pub(crate) async fn a_token_that_was_never_resolved_may_be_tried_again(subject: &Subject) {
    let first = with_token(attempt("pa_1", "cs_1", Reserved), "spt");
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    let second = with_token(attempt("pa_2", "cs_1", Reserved), "spt");
    subject.commit(insert_attempt(second.clone())).await;
    subject
        .commit(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
}

pub(crate) async fn references_are_unique_per_merchant(subject: &Subject) {
    let approved = |id: &str, checkout: &str, reference: &str| Attempt {
        processor_reference: Some(ProcessorReference::new(reference)),
        ..attempt(id, checkout, Approved)
    };
    subject.commit(insert_attempt(approved("pa_1", "cs_1", "ch_1"))).await;
    let seen = subject.refused(insert_attempt(approved("pa_2", "cs_2", "ch_1"))).await;
    assert!(matches!(seen, CommitError::ReferenceSeen), "{seen:?}");
    let charging = attempt("pa_3", "cs_3", Charging);
    subject.commit(insert_attempt(charging)).await;
    let seen = subject
        .refused(replace_attempt(approved("pa_3", "cs_3", "ch_1"), Charging))
        .await;
    assert!(matches!(seen, CommitError::ReferenceSeen), "{seen:?}");
    let ours = Attempt {
        reference: "reference-pa_1".into(),
        ..attempt("pa_4", "cs_4", Reserved)
    };
    let ours = subject.refused(insert_attempt(ours)).await;
    assert!(matches!(ours, CommitError::Attempt), "{ours:?}");
    let elsewhere = Attempt {
        merchant: MerchantId::new("other"),
        ..approved("pa_5", "cs_5", "ch_1")
    };
    subject.commit(insert_attempt(elsewhere)).await;
}

pub(crate) async fn what_an_attempt_pays_never_changes(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    let next = in_state(&first, Resolving);
    for changed in [
        Attempt {
            amount: money(1),
            ..next.clone()
        },
        Attempt {
            session: SessionId::new("cs_2"),
            ..next.clone()
        },
        with_token(next.clone(), "spt_other"),
        Attempt {
            reference: "another".into(),
            ..next.clone()
        },
    ] {
        let error = subject.refused(replace_attempt(changed, Reserved)).await;
        assert!(matches!(error, CommitError::Attempt), "{error:?}");
    }
    subject.commit(replace_attempt(next, Reserved)).await;
}

pub(crate) async fn open_attempts_are_claimed_in_the_order_of_their_next_try(subject: &Subject) {
    for (n, state) in AttemptState::ALL.into_iter().enumerate() {
        let mut stored = attempt(&format!("pa_{n}"), &format!("cs_{n}"), state);
        stored.next_try = Some(Timestamp(START.0 - n as u64));
        subject.commit(insert_attempt(stored)).await;
    }
    let worker = claimant("host_1");
    let claim = async |limit| {
        let claimed = subject.store.claim_attempts(&worker, START, &[], limit).await.unwrap();
        subject.store.let_go(&worker.host).await.unwrap();
        claimed.iter().map(|it| it.state).collect::<Vec<_>>()
    };
    let open = [Voiding, NeedsReview, Unknown, Charging, Resolving, Reserved];
    assert_eq!(claim(10).await, open);
    assert_eq!(claim(1).await, open[..1]);
}
